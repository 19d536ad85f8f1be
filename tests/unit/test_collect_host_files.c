#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "collect/host/proc.h"
#include "collect_util.h"

#define KUBELET_CONFIG "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
#define POD(name, flag)                                                                                          \
	"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: registry.k8s.io/" name                        \
	":v1.31.0\n    command: [" name ", \"" flag "\"]\n"

static int setup(void **state)
{
	char *dir = strdup("/tmp/dsaudit-host-XXXXXX");

	if (!dir || !mkdtemp(dir))
		return -1;
	*state = dir;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	int r = nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return r;
}

/* Makes the folders that lead to a path of the host. */
static const char *place(void **state, const char *path)
{
	static char full[512];

	(void)snprintf(full, sizeof(full), "%s%s", (const char *)*state, path);
	for (char *p = full + strlen(*state) + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		(void)mkdir(full, 0755);
	}
	return full;
}

static void put_bytes(void **state, const char *path, const void *data, size_t n)
{
	_ds_close_ int fd = open(place(state, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, n), n);
}

static void put(void **state, const char *path, const char *text)
{
	put_bytes(state, path, text, strlen(text));
}

static void put_link(void **state, const char *path, const char *target)
{
	assert_int_equal(symlink(target, place(state, path)), 0);
}

#define PROCESS(state, pid, ppid, argv)                                                                          \
	(put_bytes(state, "/proc/" #pid "/cmdline", argv, sizeof(argv)),                                           \
	 put(state, "/proc/" #pid "/stat", #pid " (x) S " #ppid " 0\n"))

/* Collects the host; its folder reads as HOST. */
static const char *collect(struct run *r, void **state)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct ds_str rest, dir = ds_str_from(*state);
	const char *out;

	run_init(r);
	assert_int_equal(ds_collect_processes(&r->f, *state), 0);
	rest = ds_str_from(describe(r));
	ds_buf_addz(&b, "");
	while (rest.n > 0) {
		size_t at = ds_str_search(rest, dir);

		ds_buf_adds(&b, ds_str_head(rest, at));
		if (at < rest.n)
			ds_buf_addz(&b, "HOST");
		rest = ds_str_skip(rest, at + dir.n);
	}
	out = ds_buf_dup(&b, r->ctx.arena);
	assert_non_null(out);
	return out;
}

static void nothing_there_is_nothing_to_say(void **state)
{
	struct run r;

	PROCESS(state, 1, 0, "/sbin/init");
	assert_string_equal(collect(&r, state), "");
	assert_string_equal(describe_diags(&r), "");
	assert_int_equal(r.ctx.inputs.n, 1);
	run_done(&r);
}

/* As kubeadm sets a node up: unit, drop-in, environment file, configuration, static pods. */
static void a_kubeadm_node(void **state)
{
	struct run r;

	PROCESS(state, 1, 0, "/sbin/init");
	PROCESS(state, 90, 1, "kubelet\0--config=/var/lib/kubelet/config.yaml\0--node-ip=192.0.2.1");
	put(state, "/var/lib/kubelet/config.yaml", KUBELET_CONFIG "staticPodPath: /etc/kubernetes/manifests\n");
	put(state, "/var/lib/kubelet/kubeadm-flags.env", "KUBELET_KUBEADM_ARGS=\"--node-ip=192.0.2.1,fd00::1\"\n");
	put(state, "/usr/lib/systemd/system/kubelet.service", "[Service]\nExecStart=/usr/bin/kubelet\n");
	put(state, "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf",
	    "[Service]\nEnvironment=\"KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml\"\n"
	    "EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\nEnvironmentFile=-/etc/default/kubelet\nExecStart=\n"
	    "ExecStart=/usr/bin/kubelet $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS\n");
	put_link(state, "/lib", "usr/lib");
	put(state, "/etc/kubernetes/manifests/a.yaml", POD("kube-apiserver", "--advertise-address=192.0.2.1"));
	put(state, "/etc/kubernetes/manifests/.hidden.yaml", POD("kube-proxy", "--v=1"));
	put(state, "/etc/kubernetes/manifests/old/kube-proxy.yaml", POD("kube-proxy", "--v=1"));
	put(state, "/etc/kubernetes/manifests/etcd.yaml", POD("etcd", "--name=x"));
	/* No environment file is missing: the unit's command line is known whole. */
	assert_string_equal(
		collect(&r, state),
		"kubelet process pid=90 ppid=1 host=HOST/proc --config=/var/lib/kubelet/config.yaml --node-ip=192.0.2.1"
		" file=/var/lib/kubelet/config.yaml(HOST/var/lib/kubelet/config.yaml)\n"
		"kubelet systemd-unit host=HOST/proc --config=/var/lib/kubelet/config.yaml@2:34"
		" --node-ip=192.0.2.1,fd00::1@1:23 file=/var/lib/kubelet/config.yaml(HOST/var/lib/kubelet/config.yaml)\n"
		"kube-apiserver static-pod host=HOST/proc 1.31.0(image) --advertise-address=192.0.2.1@6:32\n"
		"seen etcd\n");
	assert_string_equal(describe_diags(&r), "");
	run_done(&r);
}

/* The folder that counts is the one that the kubelet watches. */
static void the_folder_that_is_watched(void **state)
{
	struct run r;

	PROCESS(state, 90, 1, "kubelet\0--pod-manifest-path=/srv/pods/");
	put(state, "/etc/kubernetes/manifests/a.yaml", POD("kube-apiserver", "--v=1"));
	put(state, "/srv/pods/b.yaml", POD("kube-proxy", "--cluster-cidr=10.0.0.0/8"));
	assert_non_null(strstr(collect(&r, state), "\nkube-proxy static-pod"));
	assert_int_equal(r.f.components.n, 2);
	assert_non_null(strstr(describe_diags(&r), "the kubelet does not watch /etc/kubernetes/manifests"));
	run_done(&r);
}

static void no_folder_is_watched(void **state)
{
	struct run r;

	PROCESS(state, 90, 1, "kubelet\0--config=/c.yaml");
	put(state, "/c.yaml", KUBELET_CONFIG);
	put(state, "/etc/kubernetes/manifests/a.yaml", POD("kube-apiserver", "--v=1"));
	(void)collect(&r, state);
	assert_int_equal(r.f.components.n, 1);
	assert_non_null(strstr(describe_diags(&r), "the kubelet does not watch /etc/kubernetes/manifests"));
	run_done(&r);
}

/* Nothing runs: what would run is all there is. */
static void a_node_that_is_down(void **state)
{
	struct run r;

	PROCESS(state, 1, 0, "/sbin/init");
	put(state, "/var/lib/kubelet/config.yaml", KUBELET_CONFIG "staticPodPath: /etc/kubernetes/pods\n");
	put(state, "/etc/kubernetes/pods/a.yaml", POD("kube-apiserver", "--v=1"));
	put(state, "/etc/systemd/system/kube-proxy.service", "[Service]\nExecStart=/usr/bin/kube-proxy --v=1\n");
	assert_string_equal(collect(&r, state),
			    "kubelet config host=HOST/proc flags-unknown"
			    " file=HOST/var/lib/kubelet/config.yaml(HOST/var/lib/kubelet/config.yaml)\n"
			    "kube-apiserver static-pod host=HOST/proc 1.31.0(image)\n");
	run_done(&r);
	/* A unit that is enabled will run; one that is merely installed will not. */
	put_link(state, "/etc/systemd/system/multi-user.target.wants/kube-proxy.service", "../kube-proxy.service");
	assert_non_null(strstr(collect(&r, state), "kube-proxy systemd-unit host=HOST/proc"));
	run_done(&r);
}

/* systemctl mask. */
static void a_masked_unit_is_none(void **state)
{
	struct run r;

	PROCESS(state, 1, 0, "/sbin/init");
	put(state, "/usr/lib/systemd/system/kube-proxy.service", "[Service]\nExecStart=/usr/bin/kube-proxy --v=1\n");
	put_link(state, "/etc/systemd/system/multi-user.target.wants/kube-proxy.service", "../kube-proxy.service");
	put_link(state, "/etc/systemd/system/kube-proxy.service", "/dev/null");
	assert_string_equal(collect(&r, state), "");
	assert_string_equal(describe_diags(&r), "");
	run_done(&r);
}

static void distributions(void **state)
{
	struct run r;
	const char *text;

	put(state, "/proc/1/stat", "");
	put(state, "/etc/rancher/k3s/config.yaml", "node-ip: 192.0.2.7\ncluster-cidr: 10.42.0.0/16\n");
	put(state, "/etc/rancher/k3s/config.yaml.d/10.yaml", "service-cidr: 10.99.0.0/16\n");
	put(state, "/var/snap/microk8s/7/args/kube-proxy", "--cluster-cidr=10.1.0.0/16\n");
	put_link(state, "/var/snap/microk8s/current", "7");
	text = collect(&r, state);
	assert_non_null(strstr(text, "--service-cluster-ip-range=10.99.0.0/16"));
	assert_non_null(strstr(text, "kube-proxy args host=HOST/proc --cluster-cidr=10.1.0.0/16"));
	run_done(&r);
}

/* Each init's host has its own files. */
static void containers_that_are_hosts(void **state)
{
	struct run r;
	const char *text;

	PROCESS(state, 1, 0, "/sbin/init");
	PROCESS(state, 101, 1, "/sbin/init");
	PROCESS(state, 102, 101, "kubelet");
	PROCESS(state, 201, 1, "/sbin/init");
	PROCESS(state, 202, 201, "kubelet\0--config=/c.yaml");
	put(state, "/proc/101/root/etc/kubernetes/manifests/a.yaml", POD("kube-apiserver", "--advertise-address=192.0.2.1"));
	put(state, "/proc/102/root/x", "");
	put(state, "/proc/202/root/c.yaml", KUBELET_CONFIG "staticPodPath: /m\n");
	put(state, "/proc/201/root/m/a.yaml", POD("kube-apiserver", "--advertise-address=192.0.2.2"));
	put(state, "/etc/kubernetes/manifests/a.yaml", POD("kube-apiserver", "--advertise-address=192.0.2.3"));
	text = collect(&r, state);
	/* 102 watches nothing, which is certain. */
	assert_null(strstr(text, "192.0.2.1@"));
	assert_non_null(strstr(text, "host=HOST/proc#201 1.31.0(image) --advertise-address=192.0.2.2"));
	assert_non_null(strstr(text, "host=HOST/proc#1 1.31.0(image) --advertise-address=192.0.2.3"));
	run_done(&r);
}

/* Drop-ins as filepath.WalkDir meets them. */
static void dropins_in_order(void **state)
{
	static const struct {
		const char *path;
		const char *value;
	} files[] = {
		{"/d/20.conf", "20"}, {"/d/10.conf", "10"}, {"/d/10/z.conf", "10z"}, {"/d/10.yaml", "no"}, {"/d/.a.conf", "dot"},
	};
	struct run r;
	const struct ds_observed *o;
	_ds_buf_done_ struct ds_buf order = DS_BUF_INIT;

	for (size_t i = 0; i < DS_ARRAY_SIZE(files); i++)
		put(state, files[i].path, KUBELET_CONFIG);
	put_link(state, "/d/linked", "10");
	put_link(state, "/d/30.conf", "20.conf");
	put_link(state, "/to-d", "d");
	PROCESS(state, 90, 1, "kubelet\0--config-dir=/d");
	PROCESS(state, 91, 1, "kubelet\0--config-dir=/to-d");
	PROCESS(state, 92, 1, "kubelet\0--config-dir=/to-d/");
	PROCESS(state, 93, 1, "kubelet\0--config-dir=/missing");
	(void)collect(&r, state);
	assert_int_equal(r.f.components.n, 4);
	o = r.f.components.v[0];
	for (size_t i = 0; i < o->files.n; i++) {
		assert_true(o->files.v[i].dropin && o->files.v[i].yaml);
		ds_buf_printf(&order, "%s ", o->files.v[i].path);
	}
	ds_buf_addz(&order, "");
	assert_string_equal(order.p, "/d/.a.conf /d/10/z.conf /d/10.conf /d/20.conf /d/30.conf ");
	assert_int_equal(r.f.components.v[1]->files.n, 0);
	assert_non_null(strstr(describe_diags(&r), "--config-dir=/to-d is a symbolic link: the kubelet does not walk into it"));
	assert_int_equal(r.f.components.v[2]->files.n, 5);
	assert_int_equal(r.f.components.v[3]->files.n, 1);
	assert_string_equal(r.f.components.v[3]->files.v[0].unavailable, "a recorded process does not contain files");
	run_done(&r);
}

/* More than any host has: said, and the rest left alone. */
static void too_many_manifests(void **state)
{
	struct run r;
	char path[64];

	PROCESS(state, 1, 0, "/sbin/init");
	for (unsigned i = 0; i < DS_LIMIT_HOST_FILES + 2; i++) {
		(void)snprintf(path, sizeof(path), "/etc/kubernetes/manifests/%05u", i);
		put(state, path, "x");
	}
	(void)collect(&r, state);
	assert_non_null(strstr(describe_diags(&r), "more entries than DS_LIMIT_HOST_FILES"));
	run_done(&r);
}

static void what_cannot_be_read_is_said(void **state)
{
	struct run r;

	bool root = geteuid() == 0;

	PROCESS(state, 1, 0, "/sbin/init");
	put(state, "/etc/kubernetes/manifests/a.yaml", POD("kube-apiserver", "--v=1"));
	assert_int_equal(chmod(place(state, "/etc/kubernetes/manifests"), 0), 0);
	assert_int_equal(chmod(*state, 0755), 0);
	if (root)
		assert_int_equal(seteuid(65534), 0);
	(void)collect(&r, state);
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_string_equal(describe_diags(&r), "error 0:0 cannot be read: permission denied\n");
	assert_int_equal(chmod(place(state, "/etc/kubernetes/manifests"), 0700), 0);
	run_done(&r);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_there_is_nothing_to_say),
		T(a_kubeadm_node),
		T(the_folder_that_is_watched),
		T(no_folder_is_watched),
		T(a_node_that_is_down),
		T(a_masked_unit_is_none),
		T(distributions),
		T(containers_that_are_hosts),
		T(dropins_in_order),
		T(too_many_manifests),
		T(what_cannot_be_read_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
