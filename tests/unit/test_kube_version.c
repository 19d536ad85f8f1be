#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "kube/version.h"

static const struct {
	const char *text;
	bool ok;
	unsigned major, minor, patch;
	bool has_patch;
} parses[] = {
	{"v1.31.0", true, 1, 31, 0, true},
	{"1.31", true, 1, 31, 0, false},
	{"v1.30.2+k3s1", true, 1, 30, 2, true},
	{"1.29.0-rc.1", true, 1, 29, 0, true},
	{"v1.30.2_k3s1", true, 1, 30, 2, true},
	{"v1.27.3-gke.100", true, 1, 27, 3, true},
	{"1.31+", true, 1, 31, 0, false},
	{"", false, 0, 0, 0, false},
	{"v", false, 0, 0, 0, false},
	{"1", false, 0, 0, 0, false},
	{"1.", false, 0, 0, 0, false},
	{"1.31.", false, 0, 0, 0, false},
	{"1.31.x", false, 0, 0, 0, false},
	{"V1.31", false, 0, 0, 0, false},
	{"1.031", false, 0, 0, 0, false},
	{"1.31.0 ", false, 0, 0, 0, false},
	{"1.31.0\xff", false, 0, 0, 0, false},
	{"1.31.0-a/b", false, 0, 0, 0, false},
	{"99999.1", false, 0, 0, 0, false},
	{"latest", false, 0, 0, 0, false},
};

static void parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(parses); i++) {
		struct ds_kube_version v = {0};
		int r = ds_kube_version_parse(ds_str_from(parses[i].text), &v);

		if (r != (parses[i].ok ? 0 : DS_ESYNTAX))
			fail_msg("'%s': %d", parses[i].text, r);
		if (r == 0 && (v.major != parses[i].major || v.minor != parses[i].minor || v.patch != parses[i].patch ||
			       v.has_patch != parses[i].has_patch))
			fail_msg("'%s': %u.%u.%u", parses[i].text, v.major, v.minor, v.patch);
	}
}

static const struct {
	bool image;
	const char *text;
	unsigned minor; /* 0: DS_ENOENT */
} places[] = {
	{true, "registry.k8s.io/kube-apiserver:v1.31.0", 31},
	{true, "registry.k8s.io/kube-apiserver:v1.31.0@sha256:0123", 31},
	{true, "localhost:5000/kube-apiserver", 0},
	{true, "localhost:5000/kube-apiserver:v1.30.1", 30},
	{true, "rancher/hardened-kubernetes:v1.30.2-rke2r1-build20240620", 30},
	{true, "kube-proxy:latest", 0},
	{true, "kube-proxy@sha256:0123", 0},
	{true, "", 0},
	{false, "/var/lib/minikube/binaries/v1.31.0/kubelet", 31},
	{false, "/usr/bin/kube-apiserver-v1.30", 30},
	{false, "/opt/kubernetes-1.29.3/bin/kubelet", 29},
	{false, "/nix/store/abc-kubernetes-1.28.1/bin/kubelet", 28},
	{false, "/var/lib/rancher/rke2/data/v1.30.2-rke2r1-1ab2/bin/kubelet", 30},
	{false, "/opt/v1.20.0/v1.31.0/kubelet", 31},
	{false, "/opt/cni-1.2.0/bin/kubelet", 0},
	{false, "/opt/v2.0.0/kubelet", 0},
	{false, "/usr/bin/kubelet", 0},
	{false, "/snap/kubelet/2435/kubelet", 0},
};

static void from_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(places); i++) {
		struct ds_kube_version v = {0};
		struct ds_str s = ds_str_from(places[i].text);
		int r = places[i].image ? ds_kube_version_from_image(s, &v) : ds_kube_version_from_path(s, &v);

		if (r != (places[i].minor ? 0 : DS_ENOENT) || (r == 0 && v.minor != places[i].minor))
			fail_msg("'%s': %d, minor %u", places[i].text, r, v.minor);
	}
}

static void nearest(void **state)
{
	static const struct {
		const char *text;
		bool known;
		unsigned nearest;
	} rows[] = {
		{"1.20", true, DS_KUBE_OLDEST},  {"1.31.4", true, 31},	      {"1.36", true, DS_KUBE_NEWEST},
		{"1.19", false, DS_KUBE_OLDEST}, {"0.9", false, DS_KUBE_OLDEST}, {"1.40", false, DS_KUBE_NEWEST},
		{"2.0", false, DS_KUBE_NEWEST},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		struct ds_kube_version v;

		assert_int_equal(ds_kube_version_parse(ds_str_from(rows[i].text), &v), 0);
		if (ds_kube_version_known(&v) != rows[i].known || ds_kube_version_nearest(&v) != rows[i].nearest)
			fail_msg("'%s': nearest %u", rows[i].text, ds_kube_version_nearest(&v));
	}
}

static void origins_have_names(void **state)
{
	(void)state;
	for (int i = 0; i < DS_VERSION_ORIGIN__COUNT; i++)
		assert_true(ds_version_origin_name((enum ds_version_origin)i)[0] != 0);
	assert_string_equal(ds_version_origin_name(DS_VERSION_BINARY_PATH), "binary-path");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse),
		cmocka_unit_test(from_places),
		cmocka_unit_test(nearest),
		cmocka_unit_test(origins_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
