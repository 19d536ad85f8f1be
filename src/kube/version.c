#include "kube/version.h"

#include "base/err.h"
#include "base/num.h"

#define NUMBER_MAX 9999u

static bool is_suffix_char(char c)
{
	return ds_c_is_alnum(c) || c == '.' || c == '-' || c == '+' || c == '_' || c == '~';
}

/* Takes a decimal number off *s. Leading zeros are refused, as semver does. */
static int take_number(struct ds_str *s, unsigned *ret)
{
	size_t n = 0;
	uint64_t v;

	while (n < s->n && ds_c_is_digit(s->p[n]))
		n++;
	if (n == 0 || n > 4 || (n > 1 && s->p[0] == '0'))
		return DS_ESYNTAX;
	if (ds_num_u64(ds_str_head(*s, n), NUMBER_MAX, &v) < 0)
		return DS_ESYNTAX;
	*s = ds_str_skip(*s, n);
	*ret = (unsigned)v;
	return 0;
}

int ds_kube_version_parse(struct ds_str s, struct ds_kube_version *ret)
{
	struct ds_kube_version v = {0};

	if (s.n && s.p[0] == 'v')
		s = ds_str_skip(s, 1);
	if (take_number(&s, &v.major) < 0 || s.n == 0 || s.p[0] != '.')
		return DS_ESYNTAX;
	s = ds_str_skip(s, 1);
	if (take_number(&s, &v.minor) < 0)
		return DS_ESYNTAX;
	if (s.n && s.p[0] == '.') {
		s = ds_str_skip(s, 1);
		if (take_number(&s, &v.patch) < 0)
			return DS_ESYNTAX;
		v.has_patch = true;
	}
	/* A suffix is set off: "-rc.1", "+k3s1", and "_…" in image tags, which cannot hold '+'. */
	if (s.n && s.p[0] != '-' && s.p[0] != '+' && s.p[0] != '_' && s.p[0] != '~')
		return DS_ESYNTAX;
	for (size_t i = 0; i < s.n; i++)
		if (!is_suffix_char(s.p[i]))
			return DS_ESYNTAX;
	*ret = v;
	return 0;
}

int ds_kube_version_from_image(struct ds_str image, struct ds_kube_version *ret)
{
	struct ds_str name = ds_str_head(image, ds_str_find(image, '@'));
	/* A ':' before the last '/' belongs to the registry's port. */
	struct ds_str last = ds_str_basename(name);
	size_t colon = ds_str_find(last, ':');

	if (colon == last.n || ds_kube_version_parse(ds_str_skip(last, colon + 1), ret) < 0)
		return DS_ENOENT;
	return 0;
}

/* Words that make "NAME-1.30" a Kubernetes version and not some plugin's. */
static bool names_kubernetes(struct ds_str s)
{
	static const char *const words[] = {"kube", "k8s", "k3s", "k0s", "rke2"};

	for (size_t i = 0; i < DS_ARRAY_SIZE(words); i++)
		if (ds_str_search(s, ds_str_from(words[i])) < s.n)
			return true;
	return false;
}

static bool element_version(struct ds_str e, struct ds_kube_version *ret)
{
	if (ds_kube_version_parse(e, ret) == 0)
		return ret->major == 1;
	/* The leftmost separator that a whole version follows: a version may hold '-' itself. */
	for (size_t i = 1; i + 1 < e.n; i++) {
		if (e.p[i] != '-' && e.p[i] != '_')
			continue;
		if (ds_kube_version_parse(ds_str_skip(e, i + 1), ret) == 0 && ret->major == 1 &&
		    (e.p[i + 1] == 'v' || names_kubernetes(ds_str_head(e, i))))
			return true;
	}
	return false;
}

int ds_kube_version_from_path(struct ds_str path, struct ds_kube_version *ret)
{
	struct ds_str element;
	struct ds_kube_version v;
	bool done = false, found = false;

	/* Paths are short; a hostile one must not make the separators' loop quadratic. */
	if (path.n > 4096)
		return DS_ENOENT;
	while (ds_str_split(&path, '/', &done, &element)) {
		if (!element_version(element, &v))
			continue;
		*ret = v; /* the element nearest to the binary wins */
		found = true;
	}
	return found ? 0 : DS_ENOENT;
}

const char *ds_version_origin_name(enum ds_version_origin o)
{
	static const char *const names[] = {
		[DS_VERSION_ASSUMED] = "assumed",
		[DS_VERSION_OPTION] = "option",
		[DS_VERSION_IMAGE] = "image",
		[DS_VERSION_BINARY_PATH] = "binary-path",
		[DS_VERSION_KUBEADM] = "kubeadm",
		[DS_VERSION_NODE] = "node",
		[DS_VERSION_BUNDLE] = "bundle",
		[DS_VERSION_CONFIG] = "config",
	};

	_Static_assert(DS_ARRAY_SIZE(names) == DS_VERSION_ORIGIN__COUNT, "an origin has no name");
	return names[o];
}

bool ds_kube_version_known(const struct ds_kube_version *v)
{
	return v->major == 1 && v->minor >= DS_KUBE_OLDEST && v->minor <= DS_KUBE_NEWEST;
}

unsigned ds_kube_version_nearest(const struct ds_kube_version *v)
{
	if (ds_kube_version_known(v))
		return v->minor;
	return v->major < 1 || (v->major == 1 && v->minor < DS_KUBE_OLDEST) ? DS_KUBE_OLDEST : DS_KUBE_NEWEST;
}
