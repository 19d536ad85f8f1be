#ifndef DS_BASE_ERR_H
#define DS_BASE_ERR_H

/* Functions that can fail return 0 or a negative DS_E* code. */
enum ds_err {
	DS_OK = 0,
	DS_E__FIRST = -64,
#define X(name, text) DS_##name,
#include "base/err.def"
#undef X
	DS_E__END
};

/* One static line for code; "unknown error" for anything that is not ours. */
const char *ds_strerror(int code);

/* The DS_E* code for an errno value. */
int ds_err_from_errno(int errnum);

#endif
