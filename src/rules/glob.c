#include "rules/suppress.h"

/* Where to go on when what follows a star does not match. The last star of a kind is enough: what
 * an earlier one would take more, the later one can take too. */
struct retry {
	const char *pattern, *path;
};

/* The path after one step more of `**` (a character) or of `**` with a slash (a folder); NULL: there is none. */
static const char *deeper(const char *path, bool folders)
{
	const char *slash = folders ? strchr(path, '/') : path;

	return slash && *slash ? slash + 1 : NULL;
}

static bool match(const char *p, const char *s)
{
	struct retry star = {0}, deep = {0};
	bool folders = false;

	for (;;) {
		if (p[0] == '*' && p[1] == '*') {
			folders = p[2] == '/';
			p += folders ? 3 : 2;
			deep = (struct retry){p, s};
			star = (struct retry){0};
		} else if (*p == '*') {
			star = (struct retry){++p, s};
		} else if (*s && (*p == *s || (*p == '?' && *s != '/'))) {
			p++;
			s++;
		} else if (!*p && !*s) {
			return true;
		} else if (star.pattern && *star.path && *star.path != '/') {
			p = star.pattern;
			s = ++star.path;
		} else if (deep.pattern && deeper(deep.path, folders)) {
			p = deep.pattern;
			s = deep.path = deeper(deep.path, folders);
			star = (struct retry){0};
		} else {
			return false;
		}
	}
}

bool ds_suppress_glob(const char *pattern, const char *path)
{
	const char *slash = strrchr(path, '/');

	return match(pattern, path) || (slash && !strchr(pattern, '/') && match(pattern, slash + 1));
}
