#include "base/err.h"

#include <errno.h>
#include <stddef.h>

#include "base/compiler.h"

static const char *const texts[] = {
#define X(name, text) [DS_##name - DS_E__FIRST] = text,
#include "base/err.def"
#undef X
};

_Static_assert(DS_E__END < 0, "error codes stay negative");

const char *ds_strerror(int code)
{
	int i = code - DS_E__FIRST;

	if (code == DS_OK)
		return "success";
	if (i > 0 && (size_t)i < DS_ARRAY_SIZE(texts) && texts[i])
		return texts[i];
	return "unknown error";
}

int ds_err_from_errno(int errnum)
{
	switch (errnum) {
	case 0:
		return DS_OK;
	case ENOMEM:
		return DS_ENOMEM;
	case ENOENT:
	case ENOTDIR:
		return DS_ENOENT;
	case EACCES:
	case EPERM:
		return DS_EACCES;
	case ELOOP:
		return DS_ELOOP;
	case ESRCH:
		return DS_EVANISHED;
	case EFBIG:
	case ENAMETOOLONG:
		return DS_ETOOBIG;
	case EINVAL:
		return DS_EINVAL;
	default:
		return DS_EIO;
	}
}
