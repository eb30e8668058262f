// What is due when, and who does it.
