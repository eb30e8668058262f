#pragma once
#include <archive.h>
#include <archive_entry.h>
#include <spawn.h>

// Linux calls that glibc shows only under _GNU_SOURCE, which Swift's import of it does not set.
extern int pipe2(int descriptors[2], int flags);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
