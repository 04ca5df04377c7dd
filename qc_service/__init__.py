"""What is known about quality on the floor, and what may be done: records, rules, the API and the pages."""
