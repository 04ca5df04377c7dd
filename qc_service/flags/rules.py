"""What a site's list promises, and when a lot can matter to it."""

FDR = 0.10  # of those on the list, at most this share is there by chance, on average

# ln of what is read at all: with a gain below 1 / FDR nobody is listed, in whatever company. A little less, and as it
# stands in the index of these points.
WORTH_READING = 2.3
