#pragma once
// A disk whose nth call fails, below SQLite in this process. Files outside the armed folder are left alone, so other
// tests may run beside it. One plan at a time.

// Kinds of calls, to be added up.
#define FAULTY_DISK_READ 1
#define FAULTY_DISK_WRITE 2
#define FAULTY_DISK_SYNC 4
#define FAULTY_DISK_TRUNCATE 8
#define FAULTY_DISK_OPEN 16
#define FAULTY_DISK_DELETE 32

// Puts itself between SQLite and the system's files; once is enough. Returns SQLite's result code.
int faulty_disk_install(void);

// From now on the call number `first` of those kinds, counted from 1, fails with SQLite's code `result`: that one, or
// with `lasting` it and all after it. A write that is `torn` changes half of its bytes before it fails.
void faulty_disk_arm(const char *folder, int kinds, long first, int result, int lasting, int torn);

// Every call works again. Returns how many calls of the armed kinds there were.
long faulty_disk_disarm(void);

// How many calls have failed since it was armed.
long faulty_disk_failures(void);
