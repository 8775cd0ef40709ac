/* Values of linux/mman.h that are newer than the C library of Debian 12. */
#ifndef REKINDLE_ADVICE_H
#define REKINDLE_ADVICE_H

#define ADVICE_DONTNEED_LOCKED 24
#define ADVICE_GUARD_INSTALL 102

#endif
