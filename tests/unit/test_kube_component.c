#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "kube/component.h"
#include "kube/shell.h"

#define ARGS 12

static const struct {
	const char *exe;
	const char *argv[ARGS];
	enum ds_component want;
	size_t skip;
	const char *shell; /* how *ret_shell begins, or NULL */
} cases[] = {
	/* what is executed */
	{"", {"kube-apiserver", "--a=b"}, DS_KUBE_APISERVER, 0, NULL},
	{"", {"/usr/bin/kube-apiserver"}, DS_KUBE_APISERVER, 0, NULL},
	{"", {"./kube-apiserver"}, DS_KUBE_APISERVER, 0, NULL},
	{"", {"-kubelet"}, DS_KUBELET, 0, NULL},
	{"", {"kube-apiserver-v1.30"}, DS_KUBE_APISERVER, 0, NULL},
	{"", {"/opt/kube-apiserver-1.30.2"}, DS_KUBE_APISERVER, 0, NULL},
	{"", {"kube-proxy-amd64"}, DS_KUBE_PROXY, 0, NULL},
	{"", {"kubelet-linux-arm64-v1.31.0-rc.1"}, DS_KUBELET, 0, NULL},
	{"", {"C:\\k\\kube-proxy.exe"}, DS_KUBE_PROXY, 0, NULL},
	{"", {"kube-controller-manager"}, DS_KUBE_CONTROLLER_MANAGER, 0, NULL},
	{"", {"cloud-controller-manager"}, DS_CLOUD_CONTROLLER_MANAGER, 0, NULL},
	{"", {"etcd", "--data-dir=x"}, DS_ETCD, 0, NULL},
	{"", {"/snap/microk8s/7231/kubelite", "--scheduler-args-file=x"}, DS_KUBELITE, 0, NULL},
	/* multi-call binaries */
	{"", {"hyperkube", "apiserver", "--x"}, DS_KUBE_APISERVER, 1, NULL},
	{"", {"/hyperkube", "kube-apiserver"}, DS_KUBE_APISERVER, 1, NULL},
	{"", {"/hyperkube", "proxy", "--master=x"}, DS_KUBE_PROXY, 1, NULL},
	{"", {"hyperkube", "kubelet"}, DS_KUBELET, 1, NULL},
	{"/hyperkube", {"/kube-proxy", "--x"}, DS_KUBE_PROXY, 0, NULL},
	{"", {"hyperkube", "kubectl"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"hyperkube"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"/usr/local/bin/k3s server"}, DS_K3S, 0, NULL},
	{"", {"/usr/local/bin/k3s", "server", "--x"}, DS_K3S, 1, NULL},
	{"", {"k3s", "--debug", "agent"}, DS_K3S, 2, NULL},
	{"/var/lib/rancher/k3s/data/abc/bin/k3s", {"/usr/local/bin/k3s agent", ""}, DS_K3S, 0, NULL},
	{"", {"/usr/local/bin/rke2 server"}, DS_K3S, 0, NULL},
	{"", {"rke2", "agent"}, DS_K3S, 1, NULL},
	{"", {"k3s", "kubectl", "get", "server"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"k3s"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"k0s", "controller", "--single"}, DS_K0S, 1, NULL},
	{"", {"k0s", "worker"}, DS_K0S, 1, NULL},
	{"", {"k0s", "status"}, DS_COMPONENT_NONE, 0, NULL},
	/* the executable wins over argv[0] */
	{"/usr/bin/kubelet", {"anything", "--x"}, DS_KUBELET, 0, NULL},
	{"/usr/bin/kubelet (deleted)", {"kubelet"}, DS_KUBELET, 0, NULL},
	{"/usr/bin/python3.11", {"kube-apiserver", "--x"}, DS_COMPONENT_NONE, 0, NULL},
	{"/nix/store/x-kubernetes-1.30.1/bin/.kubelet-wrapped", {"/nix/store/x/bin/kubelet"}, DS_KUBELET, 0, NULL},
	{"/bin/busybox", {"sh", "-c", "exec kubelet --x"}, DS_KUBELET, 2, "kubelet --x"},
	/* wrappers */
	{"", {"env", "-i", "A=b", "-u", "C", "kubelet", "--x"}, DS_KUBELET, 5, NULL},
	{"", {"tini", "-g", "--", "kube-proxy", "--x"}, DS_KUBE_PROXY, 3, NULL},
	{"", {"/usr/bin/dumb-init", "-r", "15:2", "kube-proxy"}, DS_KUBE_PROXY, 3, NULL},
	{"", {"nice", "-n", "-5", "kubelet"}, DS_KUBELET, 3, NULL},
	{"", {"nice", "-10", "kubelet"}, DS_KUBELET, 2, NULL},
	{"", {"nohup", "kubelet"}, DS_KUBELET, 1, NULL},
	{"", {"sudo", "-u", "root", "-E", "X=1", "nice", "kubelet"}, DS_KUBELET, 6, NULL},
	{"", {"timeout", "-k", "5", "60", "kubelet"}, DS_KUBELET, 4, NULL},
	{"", {"chroot", "/host", "kubelet"}, DS_KUBELET, 2, NULL},
	{"", {"nsenter", "-t", "1", "-m", "--", "kubelet"}, DS_KUBELET, 5, NULL},
	{"", {"/go-runner", "--log-file=/var/log/x", "--also-stdout=false", "kube-apiserver", "--x"}, DS_KUBE_APISERVER, 3,
	 NULL},
	{"", {"kube-log-runner", "-log-file", "/var/log/x", "kube-apiserver"}, DS_KUBE_APISERVER, 3, NULL},
	{"", {"watch-termination", "--termination-touch-file=x", "--", "hyperkube", "kube-apiserver", "--x"},
	 DS_KUBE_APISERVER, 4, NULL},
	{"", {"busybox", "nohup", "kubelet"}, DS_KUBELET, 2, NULL},
	/* shells */
	{"", {"/bin/sh", "-c", "exec kube-proxy --x=1 1>>/var/log/k.log 2>&1"}, DS_KUBE_PROXY, 2, "kube-proxy --x=1"},
	{"", {"bash", "-ec", "set -x\nexec kube-apiserver --y"}, DS_KUBE_APISERVER, 2, "kube-apiserver --y"},
	{"", {"bash", "-euo", "pipefail", "-c", "kubelet --x"}, DS_KUBELET, 4, "kubelet --x"},
	{"", {"sh", "-c", "if test -e /x; then A=b exec /usr/bin/kubelet --z; fi"}, DS_KUBELET, 2, "/usr/bin/kubelet"},
	{"", {"sh", "-c", "kube-proxy --cleanup; kube-proxy --x"}, DS_KUBE_PROXY, 2, "kube-proxy --x"},
	{"", {"sh", "-c", "exec hyperkube apiserver --x"}, DS_KUBE_APISERVER, 2, "apiserver --x"},
	{"", {"sh", "-c", "sh -c 'exec kubelet --x'"}, DS_KUBELET, 2, "kubelet --x"},
	{"", {"sh", "-c", "\"/usr/bin/kubelet\" --x"}, DS_KUBELET, 2, "\"/usr/bin/kubelet\""},
	{"", {"sudo", "sh", "-c", "kubelet | tee log"}, DS_KUBELET, 3, "kubelet"},
	/* impostors: a component is mentioned, not executed */
	{"", {"grep", "kube-apiserver"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"vim", "kube-apiserver.yaml"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"snapfuse", "/var/lib/snapd/snaps/kubeadm_3513.snap"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"tail", "-f", "kubelet.log"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"journalctl", "-u", "kubelet"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"kubectl", "proxy"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"kube-apiserver.bak"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"kubelet-config-generator"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"kube-proxy-v2.0"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"kubeadm", "init"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"python", "foo.py", "--cmd", "kube-apiserver"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"containerd-shim", "-namespace", "k8s.io", "kubelet"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"/bin/sh", "/usr/bin/start-kube-apiserver.sh"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"sh", "/usr/bin/kube-apiserver"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"sh", "-c", "echo kubelet; # kubelet\n cat 'a; kubelet'"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"sh", "-c"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"sudo"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {"sudo", "-u"}, DS_COMPONENT_NONE, 0, NULL},
	{"", {""}, DS_COMPONENT_NONE, 0, NULL},
	{"", {NULL}, DS_COMPONENT_NONE, 0, NULL},
};

static void recognises(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		struct ds_str argv[ARGS], shell;
		size_t n = 0, skip = 99;
		enum ds_component c;

		while (n < ARGS && cases[i].argv[n]) {
			argv[n] = ds_str_from(cases[i].argv[n]);
			n++;
		}
		c = ds_component_recognise(argv, n, ds_str_from(cases[i].exe), &skip, &shell);
		if (c != cases[i].want)
			fail_msg("row %zu (%s): got %d, want %d", i, n ? cases[i].argv[0] : "", (int)c, (int)cases[i].want);
		if (skip != cases[i].skip)
			fail_msg("row %zu (%s): skip %zu, want %zu", i, n ? cases[i].argv[0] : "", skip, cases[i].skip);
		if (cases[i].shell ? !ds_str_starts(shell, cases[i].shell) : shell.n != 0)
			fail_msg("row %zu: shell text is '%.*s'", i, DS_STR_ARG(shell));
	}
}

static void names(void **state)
{
	(void)state;
	for (int i = 0; i < DS_COMPONENT__COUNT; i++) {
		enum ds_component c = (enum ds_component)i;

		assert_int_equal(ds_component_from_name(ds_str_from(ds_component_name(c))), c);
		assert_int_equal(ds_component_is_audited(c), i < 4);
	}
	assert_int_equal(ds_component_from_name(DS_STR("kubelets")), DS_COMPONENT_NONE);
	assert_string_equal(ds_component_name(DS_COMPONENT_NONE), "");
	assert_false(ds_component_is_audited(DS_COMPONENT_NONE));
}

static const struct {
	const char *text;
	const char *words[6];
} splits[] = {
	{"kubelet --a=b 'c d' \"e\\\"f\" g\\ h", {"kubelet", "--a=b", "c d", "e\"f", "g h", NULL}},
	{"kubelet --a=\"x\"'y'z >log 2>&1 --b", {"kubelet", "--a=xyz", "--b", NULL}},
	{"kubelet --a \\\n --b; other", {"kubelet", "--a", "--b", NULL}},
	{"kubelet --a=$(cat \"x y\") --b=${C:-d e}", {"kubelet", "--a=$(cat x y)", "--b=${C:-d e}", NULL}},
	{"kubelet # --a", {"kubelet", NULL}},
	{"kubelet 'open", {"kubelet", "open", NULL}},
	{"kubelet \\", {"kubelet", "\\", NULL}},
	{"kubelet `date +%s` && x", {"kubelet", "`date +%s`", NULL}},
	{"", {NULL}},
};

static void splits_words(void **state)
{
	struct ds_arena *a = ds_arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(splits); i++) {
		struct ds_shell_word *w;
		size_t n, want = 0;

		assert_int_equal(ds_shell_split(a, ds_str_from(splits[i].text), 0, &w, &n), 0);
		while (splits[i].words[want])
			want++;
		if (n != want)
			fail_msg("row %zu: %zu words, want %zu", i, n, want);
		for (size_t j = 0; j < n; j++)
			if (!ds_str_eqz(w[j].text, splits[i].words[j]))
				fail_msg("row %zu word %zu: '%.*s', want '%s'", i, j, DS_STR_ARG(w[j].text),
					 splits[i].words[j]);
	}
	ds_arena_free(a);
}

static void offsets_point_into_the_text(void **state)
{
	struct ds_arena *a = ds_arena_new(1 << 20);
	struct ds_shell_word *w;
	size_t n;

	(void)state;
	assert_int_equal(ds_shell_split(a, DS_STR("x; kubelet  '--a'"), 2, &w, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(w[0].offset, 3);
	assert_int_equal(w[1].offset, 12);
	assert_int_equal(w[1].length, 5);
	ds_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recognises),
		cmocka_unit_test(names),
		cmocka_unit_test(splits_words),
		cmocka_unit_test(offsets_point_into_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
