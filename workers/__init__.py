"""What happens later, by itself: tasks, their timetable, the detectors and the channels that tell people."""
