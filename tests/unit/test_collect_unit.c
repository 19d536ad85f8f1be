#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "collect_util.h"

#define UNIT(x) "[Service]\n" x
#define KUBEADM                                                                          \
	UNIT("Environment=\"KUBELET_CONFIG_ARGS=--config=/k\"\nEnvironmentFile=-/v/flags.env\n" \
	     "EnvironmentFile=-/etc/default/kubelet\nExecStart=\n"                       \
	     "ExecStart=/usr/bin/kubelet $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS\n")

/* Inputs that belong together, and the command lines systemd would run. */
static const struct {
	const char *name;
	struct {
		const char *name, *text;
	} in[4];
	const char *want;
} cases[] = {
	{"flags in the unit", {{"d/kubelet.service", UNIT("ExecStart=-/bin/kubelet --node-ip=192.0.2.1 \\\n  '--v=2'\n")}},
	 "kubelet systemd-unit host=d --node-ip=192.0.2.1@2:25\n"},
	{"an empty assignment takes the earlier ones away",
	 {{"d/kubelet.service", UNIT("ExecStart=/bin/kubelet --node-ip=192.0.2.1\n")},
	  {"d/kubelet.service.d/1.conf", UNIT("ExecStart=\nExecStart=/bin/kubelet --node-ip=192.0.2.2\n")}},
	 "kubelet systemd-unit host=d --node-ip=192.0.2.2@3:24\n"},
	{"drop-ins in order of their names, the variable that is last wins",
	 {{"kubelet.service.d/2.conf", UNIT("Environment=A=2\n")}, {"kubelet.service.d/1.conf", UNIT("Environment=A=1\n")},
	  {"kubelet.service", UNIT("ExecStart=kubelet --max-pods=${A}0 --node-ip=$A $B\n")}},
	 "kubelet systemd-unit host=. --max-pods=20@2:19 --node-ip=$A@2:36\n"},
	{"a file in /etc shadows the one of its name in /usr",
	 {{"r/usr/lib/systemd/system/kubelet.service.d/1.conf", UNIT("Environment=A=--max-pods=1\n")},
	  {"r/etc/systemd/system/kubelet.service.d/1.conf", UNIT("Environment=A=--max-pods=2\n")},
	  {"r/usr/lib/systemd/system/kubelet.service", UNIT("ExecStart=kubelet $A\n")}},
	 "kubelet systemd-unit host=r --max-pods=2@2:15\n"},
	{"kubeadm's drop-in with its files",
	 {{"r/usr/lib/systemd/system/kubelet.service", UNIT("ExecStart=/usr/bin/kubelet\n")},
	  {"r/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf", KUBEADM},
	  {"r/v/flags.env", "KUBELET_KUBEADM_ARGS=\"--a --node-ip=192.0.2.1\"\n"},
	  {"r/etc/default/kubelet", "KUBELET_EXTRA_ARGS=--max-pods=9\n"}},
	 "kubelet systemd-unit host=r --config=/k@2:34 --node-ip=192.0.2.1@1:27 --max-pods=9@1:20 !unknown flag: --a "
	 "file=/k(a unit does not contain the files that it names)\n"},
	{"the same in one folder", {{"d/kubelet.service", UNIT("ExecStart=kubelet\n")}, {"d/10-kubeadm.conf", KUBEADM},
				    {"d/flags.env", "KUBELET_KUBEADM_ARGS=\"--max-pods=8\"\n"}},
	 "kubelet systemd-unit host=d truncated --config=/k@2:34 --max-pods=8@1:23 "
	 "file=/k(a unit does not contain the files that it names)\n"},
	{"without its files nothing is absent", {{"10-kubeadm.conf", KUBEADM}},
	 "kubelet systemd-unit host=. truncated --config=/k@2:34 file=/k(a unit does not contain the files that it names)\n"},
	{"a file that may set a variable otherwise",
	 {{"kubelet.service", UNIT("EnvironmentFile=/x\nEnvironment=A=1\nExecStart=kubelet --max-pods=${A} --node-ip=${B}\n")}},
	 "kubelet systemd-unit host=. truncated --max-pods=1@4:19 --node-ip=${B}?@4:35\n"},
	{"what nobody sets is empty", {{"kubelet.service", UNIT("ExecStart=kubelet $A --node-ip=${B}\n")}},
	 "kubelet systemd-unit host=. --node-ip=@2:22\n"},
	{"specifiers are the host's", {{"kubelet.service", UNIT("ExecStart=kubelet --hostname-override=%H --node-ip=100%%\n")}},
	 "kubelet systemd-unit host=. --hostname-override=${%H}?@2:19 --node-ip=100%@2:42\n"},
	{"prefixes, and a name of its own", {{"x.service", UNIT("ExecStart=@-/bin/kubelet other --max-pods=$$\n")}},
	 "kubelet systemd-unit host=. !invalid argument \"$\" for \"--max-pods\" flag: "
	 "strconv.ParseInt: parsing \"$\": invalid syntax\n"},
	{"no expansion behind a colon", {{"x.service", UNIT("Environment=A=1\nExecStart=:kubelet --node-ip=${A}\n")}},
	 "kubelet systemd-unit host=. --node-ip=${A}?@3:20\n"},
	{"several commands", {{"x.service", UNIT("ExecStart=echo a ; kube-proxy --cluster-cidr=10.0.0.0/8 ; kubelet\n")}},
	 "kube-proxy systemd-unit host=. --cluster-cidr=10.0.0.0/8@2:31\nkubelet systemd-unit host=.\n"},
	{"a shell", {{"x.service", UNIT("Environment=A=--max-pods=3\nExecStart=/bin/sh -c \"exec kubelet $A --v=2\"\n")}},
	 "kubelet systemd-unit host=. --max-pods=3@3:23\n"},
	{"an open quote", {{"x.service", UNIT("ExecStart=kubelet --max-pods=1 \"--v\n")}},
	 "kubelet systemd-unit host=. truncated --max-pods=1@2:19\n"},
	{"variables alone are a part", {{"kubeadm-flags.env", "KUBELET_KUBEADM_ARGS=\"--node-ip=::1\"\n"}},
	 "kubelet systemd-unit host=. truncated --node-ip=::1@1:23\n"},
	{"its configuration beside it", {{"d/x.service", UNIT("ExecStart=kubelet --config=/var/k.yaml\n")},
					 {"d/k.yaml", "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"}},
	 "kubelet systemd-unit host=d --config=/var/k.yaml@2:19 file=/var/k.yaml(d/k.yaml)\n"},
	{"a stranger", {{"sshd.service", UNIT("ExecStart=/usr/sbin/sshd -D\n")}}, ""},
	{"a file of arguments", {{"args/kube-proxy", "--cluster-cidr=10.0.0.0/8 '--v=1'\n# c\n\n  --config=$SNAP/x\n"}},
	 "kube-proxy args host=args --cluster-cidr=10.0.0.0/8@1:1 --config=${SNAP}/x?@4:3 "
	 "file=${SNAP}/x(a file of arguments does not contain the files that they name)\n"},
	{"arguments of another program", {{"args/kubelite", "--x=$Y\n"}}, ""},
};

static void composes_command_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		struct run r;
		const char *got;

		run_init(&r);
		for (size_t k = 0; k < DS_ARRAY_SIZE(cases[i].in) && cases[i].in[k].name; k++)
			(void)run_text(&r, cases[i].in[k].name, ds_str_from(cases[i].in[k].text), NULL);
		run_finish(&r);
		got = describe(&r);
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: got\n%swant\n%s", cases[i].name, got, cases[i].want);
		if (!cases[i].want[0] && r.ctx.inputs.v[0]->status != DS_INPUT_SKIPPED)
			fail_msg("%s: not set aside", cases[i].name);
		run_done(&r);
	}
}

static void no_break_spaces_are_said(void **state)
{
	struct run r;
	struct ds_input *in;

	(void)state;
	run_init(&r);
	in = run_text(&r, "x.service", DS_STR("[Service]\nExecStart=/bin/kubelet\xc2\xa0 --v=2\n"), NULL);
	run_finish(&r);
	assert_int_equal(in->status, DS_INPUT_FAILED);
	assert_string_equal(describe_diags(&r), "error 2:11 no-break spaces in ExecStart=: systemd takes them for parts of "
						"words and starts nothing\n");
	run_done(&r);
}

/* A variable that is named often does not grow without end: the rest is cut, and said to be. */
static void expansion_is_bounded(void **state)
{
	_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
	struct run r;

	(void)state;
	run_init(&r);
	ds_buf_addz(&b, "[Service]\nEnvironment=A=");
	for (size_t i = 0; i < 100000; i++)
		ds_buf_addc(&b, 'x');
	ds_buf_addz(&b, "\nExecStart=kubelet --max-pods=1");
	for (size_t i = 0; i < 20000; i++)
		ds_buf_addz(&b, i % 2 ? " $A" : " ${A}${A}");
	(void)run_text(&r, "x.service", ds_buf_str(&b), NULL);
	run_finish(&r);
	assert_int_equal(r.f.components.n, 1);
	assert_true(r.f.components.v[0]->cmdline.truncated);
	assert_true(ds_arena_used(r.ctx.arena) < (size_t)64 << 20);
	run_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expansion_is_bounded),
		cmocka_unit_test(no_break_spaces_are_said),
		cmocka_unit_test(composes_command_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
