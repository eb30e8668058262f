#pragma once
// Nothing to call: the library is loaded into a program with LD_PRELOAD. See sudden_death.c.
