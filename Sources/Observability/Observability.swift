// What the program tells those who run it: log lines and metrics.
