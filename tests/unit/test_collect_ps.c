#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "collect_util.h"

#define EF "UID          PID    PPID  C STIME TTY          TIME CMD\n"

static const struct {
	const char *name;
	const char *text;
	const char *want;
	const char *diags; /* NULL: none */
} cases[] = {
	{"ps -ef with header",
	 EF "root           1       0  0 11:09 ?        00:00:01 /sbin/init\n"
	    "root        2972       1  1 11:09 ?        00:09:51 /usr/bin/kubelet --node-ip=192.0.2.1\n",
	 "kubelet ps pid=2972 ppid=1 host=in guessed --node-ip=192.0.2.1@3:70\n", NULL},
	{"ps -ef without header, with prompts",
	 "eric@host~$ ps -ef | grep kube\n"
	 "root  2972  1  1 Nov22 ?  00:09:51 kube-proxy --cluster-cidr=10.0.0.0/8\n"
	 "eric  125908  687  0 21:22 pts/0    00:00:00 grep kube\n"
	 "eric@host~$ \n",
	 "kube-proxy ps pid=2972 ppid=1 host=in guessed --cluster-cidr=10.0.0.0/8@2:47\n", NULL},
	{"ps aux",
	 "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n"
	 "root      306574 11.0  0.1 1939632 52268 ?       Ssl  20:01   0:00 /usr/bin/kubelet --node-ip=::\n",
	 "kubelet ps pid=306574 host=in guessed --node-ip=::@2:85\n", NULL},
	{"ps aux without header, started last year",
	 "root     192325 13.8  0.1 10615856 49848 ?      Ssl   2020 7290:46 kubelet --node-ip=::\n",
	 "kubelet ps pid=192325 host=in guessed --node-ip=::@1:76\n", NULL},
	{"start time of two words",
	 "root     192325 13.8  0.1 10615856 49848 ?      Ssl   Jun 5 7290:46 kubelet --node-ip=::\n",
	 "kubelet ps pid=192325 host=in guessed --node-ip=::@1:77\n", NULL},
	{"ps -eo lstart",
	 "  PID                  STARTED COMMAND\n"
	 "    7 Fri Nov 22 20:52:50 2024 kubelet --node-ip=::\n",
	 "kubelet ps pid=7 host=in guessed --node-ip=::@2:40\n", NULL},
	{"ps axf",
	 " 9530 pts/1    S+     0:00          \\_ grep --color=auto scheduler\n"
	 " 9531 ?        Ssl    0:00  |   \\_ kube-proxy --cluster-cidr=10.0.0.0/8\n",
	 "kube-proxy ps pid=9531 host=in guessed --cluster-cidr=10.0.0.0/8@2:47\n", NULL},
	{"ps -eo pid,args",
	 "  PID COMMAND\n    1 /sbin/init splash\n  812 kubelet --node-ip=::\n",
	 "kubelet ps pid=812 host=in guessed --node-ip=::@3:15\n", NULL},
	{"pid,args without header", "812 kubelet --node-ip=::\n", "kubelet ps pid=812 host=in guessed --node-ip=::@1:13\n",
	 NULL},
	{"pid,ppid,user,args",
	 "    PID    PPID USER     COMMAND\n      1       0 root     /sbin/init\n    812       1 root     kubelet --node-ip=::\n",
	 "kubelet ps pid=812 ppid=1 host=in guessed --node-ip=::@3:34\n", NULL},
	{"pid,ppid,user,args without header", "    812       1 root     kubelet --node-ip=::\n",
	 "kubelet ps pid=812 ppid=1 host=in guessed --node-ip=::@1:34\n", NULL},
	{"ps -elf",
	 "4 S root         812       1  1  80   0 - 495816 -     Nov22 ?        00:09:51 kubelet --node-ip=::\n",
	 "kubelet ps pid=812 ppid=1 host=in guessed --node-ip=::@1:88\n", NULL},
	{"busybox",
	 "PID   USER     TIME  COMMAND\n    1 root      0:11 {init} /bin/sh /init\n  629 root      3h12 {kubelet} kubelet --node-ip=::\n",
	 "kubelet ps pid=629 host=in guessed --node-ip=::@3:40\n", NULL},
	{"busybox with a state of two words",
	 "  PID USER       VSZ STAT COMMAND\n  629 root      123m S N  kubelet --node-ip=::\n",
	 "kubelet ps pid=629 host=in guessed --node-ip=::@2:35\n", NULL},
	{"a bare command line", "kube-apiserver --service-cluster-ip-range=10.96.0.0/16 --secure-port=6443\n",
	 "kube-apiserver ps host=in guessed --service-cluster-ip-range=10.96.0.0/16@1:16 --secure-port=6443@1:56\n", NULL},
	{"a bare command line with backslashes",
	 "kube-apiserver \\\n  --service-cluster-ip-range=10.96.0.0/16 \\\n  --secure-port=6443\n",
	 "kube-apiserver ps host=in guessed --service-cluster-ip-range=10.96.0.0/16@2:3 --secure-port=6443@3:3\n", NULL},
	{"windows line ends", "812 kubelet --node-ip=::\r\n813 kube-proxy --cluster-cidr=10.0.0.0/8\r\n",
	 "kubelet ps pid=812 host=in guessed --node-ip=::@1:13\n"
	 "kube-proxy ps pid=813 host=in guessed --cluster-cidr=10.0.0.0/8@2:16\n", NULL},
	{"columns count code points", "\xc3\xa9ric 12 1 0 11:09 ? 00:00:01 kubelet --node-ip=::\n",
	 "kubelet ps pid=12 ppid=1 host=in guessed --node-ip=::@1:38\n", NULL},
	{"version from the path, value as a word of its own",
	 "12 /var/lib/minikube/binaries/v1.31.0/kubelet --node-ip ::\n",
	 "kubelet ps pid=12 host=in 1.31.0(binary-path) guessed --node-ip=::@1:47\n", NULL},
	{"the same process twice is one",
	 EF "root 12 1 0 11:09 ? 00:00:01 kubelet --node-ip=::\n" EF
	    "root 12 1 0 11:09 ? 00:00:02 kubelet --node-ip=::\n",
	 "kubelet ps pid=12 ppid=1 host=in guessed --node-ip=::@2:38\n", NULL},
	{"listings that complete each other are one host's",
	 "$ ps -ef | grep kubelet\nroot 12 1 0 11:09 ? 00:00:01 kubelet --node-ip=::\n"
	 "$ ps -ef | grep proxy\nroot 13 9 0 11:09 ? 00:00:01 kube-proxy --cluster-cidr=::/0\n",
	 "kubelet ps pid=12 ppid=1 host=in guessed --node-ip=::@2:38\n"
	 "kube-proxy ps pid=13 ppid=9 host=in guessed --cluster-cidr=::/0@4:41\n", NULL},
	{"listings of two machines",
	 "$ ps -ef\nroot 12 1 0 11:09 ? 00:00:01 kubelet --node-ip=::\n"
	 "$ ps -ef\nroot 14 1 0 11:09 ? 00:00:01 kubelet --node-ip=::1\n",
	 "kubelet ps pid=12 ppid=1 host=in guessed --node-ip=::@2:38\n"
	 "kubelet ps pid=14 ppid=1 host=in/2 guessed --node-ip=::1@4:38\n", NULL},
	{"two hosts on one machine, each below its own init",
	 EF "root 1 0 0 11:09 ? 00:00:01 /sbin/init\n"
	    "root 100 1 0 11:09 ? 00:00:01 /usr/bin/containerd-shim-runc-v2 -id a\n"
	    "root 101 100 0 11:09 ? 00:00:01 /sbin/init\n"
	    "root 110 101 0 11:09 ? 00:00:01 /usr/bin/containerd-shim-runc-v2 -id b\n"
	    "root 111 110 0 11:09 ? 00:00:01 kube-proxy --cluster-cidr=10.0.0.0/8\n"
	    "root 201 100 0 11:09 ? 00:00:01 /lib/systemd/systemd --log-level=info\n"
	    "root 202 201 0 11:09 ? 00:00:01 kubelet --node-ip=::\n"
	    "root 203 1 0 11:09 ? 00:00:01 /lib/systemd/systemd --user\n",
	 "kube-proxy ps pid=111 ppid=110 host=in#101 guessed --cluster-cidr=10.0.0.0/8@6:44\n"
	 "kubelet ps pid=202 ppid=201 host=in#201 guessed --node-ip=::@8:41\n", NULL},
	{"kubelets tell their hosts though their inits are not listed",
	 "root 111 101 0 11:09 ? 00:00:01 kubelet --node-ip=::1\nroot 212 201 0 11:09 ? 00:00:01 kubelet --node-ip=::2\n",
	 "kubelet ps pid=111 ppid=101 host=in#101 guessed --node-ip=::1@1:41\n"
	 "kubelet ps pid=212 ppid=201 host=in#201 guessed --node-ip=::2@2:41\n", NULL},
	{"elided", "12 kubelet --node-ip=:: ...\n", "kubelet ps pid=12 host=in truncated guessed --node-ip=::@1:12\n",
	 "warning 1:4 the command line of kubelet is cut: flags behind the cut are unknown\n"},
	{"elided within a word", "12 kubelet --node-ip=:: --config=/var/li\xe2\x80\xa6\n",
	 "kubelet ps pid=12 host=in truncated guessed --node-ip=::@1:12\n",
	 "warning 1:4 the command line of kubelet is cut: flags behind the cut are unknown\n"},
	{"cut within a flag's name", "12 kube-proxy --cluster-cidr=10.0.0.0/8 --host\n",
	 "kube-proxy ps pid=12 host=in truncated guessed --cluster-cidr=10.0.0.0/8@1:15\n",
	 "warning 1:4 the command line of kube-proxy is cut: flags behind the cut are unknown\n"},
	{"cut at 80 columns",
	 "root  2972  1  1 Nov22 ?  00:09:51 kube-proxy --cluster-cidr=10.0.0.0/8 --oom-sc\n",
	 "kube-proxy ps pid=2972 ppid=1 host=in truncated guessed --cluster-cidr=10.0.0.0/8@1:47\n",
	 "warning 1:36 the command line of kube-proxy is cut: flags behind the cut are unknown\n"},
	{"cut at a width that different programs share",
	 EF "root  2972  1  1 Nov22 ?  00:09:51 kube-proxy --cluster-cidr=10.0.0.0/8 --v=1234567\n"
	    "root  2973  1  1 Nov22 ?  00:09:51 another-program --with-a-command-line=123456789x\n"
	    "root  2974  1  1 Nov22 ?  00:09:51 kubelet --node-ip=::\n",
	 "kube-proxy ps pid=2972 ppid=1 host=in truncated guessed --cluster-cidr=10.0.0.0/8@2:47\n"
	 "kubelet ps pid=2974 ppid=1 host=in guessed --node-ip=::@4:44\n",
	 "warning 2:36 the command line of kube-proxy is cut: flags behind the cut are unknown\n"},
	{"names without arguments", "    PID TTY          TIME CMD\n      1 ?        00:00:01 init\n     12 ?        00:00:02 kubelet\n",
	 "kubelet ps pid=12 host=in truncated guessed\n",
	 "warning 3:27 the listing has names only: the flags of kubelet are unknown\n"},
	{"names as long as the kernel keeps them, one with a blank",
	 "    PID TTY          TIME CMD\n     12 ?        00:00:02 kube-controller\n     13 ?        00:00:02 cloud-controlle\n"
	 "     14 pts/0    00:00:00 tmux: server\n",
	 "kube-controller-manager ps pid=12 host=in truncated guessed\nseen cloud-controller-manager\n",
	 "warning 2:27 the listing has names only: the flags of kube-controller-manager are unknown\n"},
	{"a program of such a name among command lines",
	 "    PID TTY      STAT   TIME COMMAND\n     12 ?        Ssl    0:02 kube-controller\n     13 ?        Ssl    0:02 kubelet --node-ip=::\n",
	 "kubelet ps pid=13 host=in guessed --node-ip=::@3:38\n", NULL},
	{"hard-wrapped inside words",
	 "  9479 ?        Ssl    0:28 kube-apiserver --etcd-servers=https://192.0.2.1:237\n"
	 "9,https://192.0.2.2:2379 --bind-address=192.0.2.1 --service-cluster-ip-range=10\n"
	 ".0.0.0/24 --secure-port=6443[root@m02 etcd]# ps axf|grep scheduler\n",
	 "kube-apiserver ps pid=9479 host=in guessed"
	 " --etcd-servers=https://192.0.2.1:2379,https://192.0.2.2:2379@1:44 --bind-address=192.0.2.1@2:26"
	 " --service-cluster-ip-range=10.0.0.0/24@2:51 --secure-port=6443@3:11\n", NULL},
	{"wrapped between words",
	 "12 kubelet --node-ip=::\n   --config=/etc/k.yaml\n",
	 "kubelet ps pid=12 host=in guessed --node-ip=::@1:12 --config=/etc/k.yaml@2:4"
	 " file=/etc/k.yaml(a ps listing does not contain files)\n", NULL},
	{"wrapped between words of lines with different lengths",
	 "12 kube-apiserver --service-cluster-ip-range\n10.96.0.0/16 --secure-port=6443\n--bind-address=::\n",
	 "kube-apiserver ps pid=12 host=in guessed --service-cluster-ip-range=10.96.0.0/16@1:19"
	 " --secure-port=6443@2:14 --bind-address=::@3:1\n", NULL},
	{"a blank in a list is noted",
	 "12 kube-apiserver --service-cluster-ip-range=10.96.0.0/16, fd00::/108 --secure-port=6443\n",
	 "kube-apiserver ps pid=12 host=in guessed positional=1 --service-cluster-ip-range=10.96.0.0/16,@1:19"
	 " --secure-port=6443@1:71\n",
	 "note 1:19 ps does not tell whether the blank after '--service-cluster-ip-range=10.96.0.0/16,' stands inside "
	 "the argument\n"},
	{"sh -c, whose quotes ps does not show",
	 "12 /bin/sh -c exec kube-proxy --cluster-cidr=10.0.0.0/8 2>&1 | tee /var/log/x\n",
	 "kube-proxy ps pid=12 host=in guessed --cluster-cidr=10.0.0.0/8@1:31\n", NULL},
	{"what is only mentioned is nothing",
	 EF "root 12 1 0 11:09 ? 00:00:01 vim /etc/kubernetes/manifests/kube-apiserver.yaml\n"
	    "root 13 1 0 11:09 ? 00:00:01 snapfuse /var/lib/snapd/snaps/kubeadm_3513.snap\n"
	    "root 14 1 0 11:09 ? 00:00:01 journalctl -u kubelet -f\n",
	 "", NULL},
	{"seen, not audited", "12 etcd --name=a\n13 /usr/local/bin/k3s server\n14 kube-scheduler --v=2\n",
	 "seen etcd\nseen k3s\nseen kube-scheduler\n", NULL},
	{"separators and other programs' output", "12 kubelet --node-ip=::\n--\n9885a886d9d3   3f1 \"kube-apiserver --ad\xe2\x80\xa6\" 53 minutes ago\n",
	 "kubelet ps pid=12 host=in guessed --node-ip=::@1:12\n", NULL},
	{"columns edited away below a header",
	 EF "root 12 1 0 ? 00:00 kubelet --node-ip=::\nroot 13 1 0 11:09 ? 00:00:01 kube-proxy --cluster-cidr=::/0\n",
	 "kubelet ps host=in guessed --node-ip=::@2:29\n"
	 "kube-proxy ps pid=13 ppid=1 host=in guessed --cluster-cidr=::/0@3:41\n", NULL},
	{"ps -eo user,args, and other columns without a pid",
	 "USER     COMMAND\nroot     kubelet --node-ip=:: --v=2\n Mon Nov 23 01:11:00 2026 kube-proxy --cluster-cidr=::/0\n",
	 "kubelet ps host=in guessed --node-ip=::@2:18\n"
	 "kube-proxy ps host=in guessed --cluster-cidr=::/0@3:38\n", NULL},
	{"top without its header", "812 root 20 0 1113532 322932 72832 S 4.7 4.0 15:19.31 kubelet --node-ip=::\n",
	 "kubelet ps host=in guessed --node-ip=::@1:63\n", NULL},
	{"systemctl status", "     CGroup: /system.slice/kubelet.service\n             \xe2\x94\x94\xe2\x94\x80""812 /usr/bin/kubelet --node-ip=::\n",
	 "kubelet ps pid=812 host=in guessed --node-ip=::@2:37\n", NULL},
	{"ps -eo pid,comm,args", "812 kubelet /usr/bin/kubelet --node-ip=::\n",
	 "kubelet ps pid=812 host=in guessed --node-ip=::@1:30\n", NULL},
	{"columns behind a command with room", "COMMAND                  PID\nkubelet --node-ip=::     812\n",
	 "kubelet ps host=in guessed --node-ip=::@2:9\n", NULL},
	{"columns behind a command without room", "  PID CMD                         USER\n  812 kubelet --node-ip=:: --boot root\n",
	 "kubelet ps pid=812 host=in truncated guessed --node-ip=::@2:15\n",
	 "warning 2:7 the command line of kubelet is cut: flags behind the cut are unknown\n"},
	{"a name that a terminal wrapped",
	 "root     22931  0.0  0.0   2344  1136 ?        S    01:11   0:00 kube-controller\n-manager --cluster-cidr=::/0\n",
	 "kube-controller-manager ps pid=22931 host=in guessed --cluster-cidr=::/0@2:10\n", NULL},
	{"a name that a terminal cut",
	 "12 kubelet --node-ip=::\nroot     22931  0.0  0.0   2344  1136 ?        S    01:11   0:00 kube-controller\n",
	 "kubelet ps pid=12 host=in guessed --node-ip=::@1:12\n",
	 "error 2:66 the command is cut within its name: it is probably kube-controller-manager, of which nothing is known\n"},
	{"a line of no form at all is never passed over in silence",
	 "12 kubelet --node-ip=::\nnode-1: root 13 kube-proxy --cluster-cidr=::/0\n",
	 "kubelet ps pid=12 host=in guessed --node-ip=::@1:12\n",
	 "error 2:17 kube-proxy with its flags in a line that is of no form of ps: what it says was not taken, and is unknown\n"},
	{"docker top", "UID                 PID                 PPID                C                   STIME               TTY                 TIME                CMD\n"
	 "root                12                  1                   0                   11:09               ?                   00:00:01            kubelet --node-ip=::\n",
	 "kubelet ps pid=12 ppid=1 host=in guessed --node-ip=::@2:149\n", NULL},
};

static void reads_listings(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		struct run r;
		struct ds_input *in;
		const char *got, *diags;

		run_init(&r);
		in = run_text(&r, "in", ds_str_from(cases[i].text), NULL);
		got = describe(&r);
		diags = describe_diags(&r);
		if (strcmp(in->type, "ps") != 0)
			fail_msg("%s: detected as %s", cases[i].name, in->type);
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: got\n%swant\n%s", cases[i].name, got, cases[i].want);
		if (strcmp(diags, cases[i].diags ? cases[i].diags : "") != 0)
			fail_msg("%s: diagnostics\n%s", cases[i].name, diags);
		if (in->status != (cases[i].want[0] ? DS_INPUT_READ : DS_INPUT_SKIPPED))
			fail_msg("%s: status %s", cases[i].name, ds_input_status_name(in->status));
		run_done(&r);
	}
}

/* A place points at what it says, whatever wrapped or widened the line. */
static void places_point_at_the_text(void **state)
{
	static const char text[] = "\xc3\xa9 12 1 0 11:09 ? 00:00:01 kube-proxy --cluster-cidr=10.0.0.0/8 --v=2\n";
	struct run r;
	const struct ds_flag_use *u;

	(void)state;
	run_init(&r);
	(void)run_text(&r, "in", ds_str_from(text), NULL);
	assert_int_equal(r.f.components.n, 1);
	u = ds_cmdline_last(&r.f.components.v[0]->cmdline, "cluster-cidr");
	assert_non_null(u);
	assert_int_equal(u->loc.column, 38);
	assert_int_equal(u->loc.length, 25);
	assert_int_equal(u->value_loc.column, 53);
	assert_int_equal(u->value_loc.length, 10);
	assert_int_equal(u->loc.pid, 12);
	assert_string_equal(u->loc.flag, "--cluster-cidr");
	run_done(&r);
}

/* Long enough that anything quadratic would stop the suite; tests/bench has the figures. */
static void long_listings_end(void **state)
{
	static const char line[] = "root  2972  1  1 Nov22 ?  00:09:51 /usr/bin/some-program --with=some --arguments\n"
				   "root  2973  9  1 Nov22 ?  00:09:51 kube-proxy --cluster-cidr=10.0.0.0/8\n";
	struct ds_buf b = DS_BUF_INIT;
	struct run r;

	(void)state;
	for (size_t i = 0; i < 16000; i++)
		ds_buf_addz(&b, line);
	assert_int_equal(b.err, 0);
	run_init(&r);
	(void)run_text(&r, "in", ds_buf_str(&b), NULL);
	assert_int_equal(r.f.components.n, 1);
	run_done(&r);
	ds_buf_done(&b);
}

static void one_endless_line_ends(void **state)
{
	struct ds_buf b = DS_BUF_INIT;
	struct run r;

	(void)state;
	ds_buf_addz(&b, "12 sh -c kube-proxy");
	for (size_t i = 0; i < 400000; i++)
		ds_buf_addz(&b, " --v=2");
	assert_int_equal(b.err, 0);
	run_init(&r);
	(void)run_text(&r, "in", ds_buf_str(&b), NULL);
	assert_int_equal(r.f.components.n, 1);
	assert_true(r.f.components.v[0]->cmdline.truncated);
	run_done(&r);
	ds_buf_done(&b);
}

static void memory_may_end_anywhere(void **state)
{
	const char *texts[DS_ARRAY_SIZE(cases)];

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++)
		texts[i] = cases[i].text;
	run_out_of_memory("in", texts, DS_ARRAY_SIZE(texts), 60000, 517);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_listings),
		cmocka_unit_test(places_point_at_the_text),
		cmocka_unit_test(long_listings_end),
		cmocka_unit_test(one_endless_line_ends),
		cmocka_unit_test(memory_may_end_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
