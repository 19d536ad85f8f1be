#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "collect_util.h"

#define POD "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n"

static const struct {
	const char *name;
	const char *text;
	const char *want;
	const char *diags; /* NULL: none */
	enum ds_input_status status;
} cases[] = {
	{"one item each", POD "  - command:\n    - kube-apiserver\n    - --secure-port=6443\n    - --bind-address=::\n",
	 "kube-apiserver static-pod host=d truncated --secure-port=6443@9:7\n", "error 10:7 an item of command is not a string: Kubernetes refuses the manifest (cannot unmarshal object into Go struct "
	     "field Container.command of type string)\n", DS_INPUT_FAILED},
	{"flag and value as two items",
	 POD "  - command:\n    - kube-apiserver\n    - --secure-port\n    - \"6443\"\n    - --bind-address\n    - '::'\n",
	 "kube-apiserver static-pod host=d --secure-port=6443@9:7 --bind-address=::@11:7\n", NULL, DS_INPUT_READ},
	{"command and args",
	 POD "  - command: [kube-apiserver]\n    args: [--secure-port=6443, \"--bind-address=::\"]\n",
	 "kube-apiserver static-pod host=d --secure-port=6443@8:12 --bind-address=::@8:33\n", NULL, DS_INPUT_READ},
	{"args with the image's entry point",
	 POD "  - image: registry.k8s.io/kube-proxy:v1.31.2\n    args:\n    - --cluster-cidr=10.0.0.0/8\n",
	 "kube-proxy static-pod host=d 1.31.2(image) --cluster-cidr=10.0.0.0/8@9:7\n", NULL, DS_INPUT_READ},
	{"nothing but the image: the entry point's flags are unknown",
	 POD "  - image: registry.k8s.io/kube-proxy:v1.31.2\n",
	 "kube-proxy static-pod host=d 1.31.2(image) truncated\n", NULL, DS_INPUT_READ},
	{"args that name the component", POD "  - image: hyperkube:v1.18.0\n    args: [kube-proxy, --cluster-cidr=10.0.0.0/8]\n",
	 "kube-proxy static-pod host=d 1.18.0(image) --cluster-cidr=10.0.0.0/8@8:24\n", NULL, DS_INPUT_READ},
	{"a literal script",
	 POD "  - command:\n    - /bin/sh\n    - -c\n    - |\n      exec kube-proxy \\\n        --cluster-cidr=10.0.0.0/8 \\\n"
	     "        --hostname-override=$(NODE) 2>&1 | tee /log\n    env:\n    - name: NODE\n      valueFrom: {fieldRef: {}}\n",
	 "kube-proxy static-pod host=d --cluster-cidr=10.0.0.0/8@12:9 --hostname-override=$(NODE)?@13:9\n", NULL,
	 DS_INPUT_READ},
	{"a folded script",
	 POD "  - command: [/bin/bash, -ec]\n    args:\n    - >\n      hyperkube kube-apiserver\n      --secure-port=6443\n"
	     "      --advertise-address=${HOST_IP}\n",
	 "kube-apiserver static-pod host=d --secure-port=6443@11:7 --advertise-address=${HOST_IP}?@12:7\n", NULL,
	 DS_INPUT_READ},
	{"a quoted script over two lines with a shell variable",
	 POD "  - command:\n    - sh\n    - -c\n    - \"exec kube-proxy --cluster-cidr='10.0.0.0/8'\n      --hostname-override=$NODE\"\n",
	 "kube-proxy static-pod host=d --cluster-cidr=10.0.0.0/8@10:25 --hostname-override=${NODE}?@11:7\n", NULL,
	 DS_INPUT_READ},
	{"a script that decides",
	 POD "  - command:\n    - sh\n    - -c\n    - |\n      if [ -f /x ]; then\n        exec kube-proxy --cluster-cidr=10.0.0.0/8\n      fi\n",
	 "kube-proxy static-pod host=d truncated --cluster-cidr=10.0.0.0/8@12:25\n",
	 "error 10:7 shell script around kube-proxy: not understood (if)\n", DS_INPUT_FAILED},
	{"variables with literal values are resolved, later ones from earlier ones",
	 POD "  - command: [kube-proxy, \"--cluster-cidr=$(CIDR)\", \"--hostname-override=$(NONE)\", \"--bind-address=$$(CIDR)\"]\n"
	     "    env:\n    - {name: NET, value: 10.0.0.0}\n    - {name: CIDR, value: $(NET)/8}\n",
	 "kube-proxy static-pod host=d --cluster-cidr=10.0.0.0/8@7:28 --hostname-override=$(NONE)?@7:54 "
	 "--bind-address=$(CIDR)?@7:85\n", NULL, DS_INPUT_READ},
	{"items that are no strings",
	 POD "  - command: [kube-apiserver, 5, --secure-port=6443, null]\n",
	 "kube-apiserver static-pod host=d truncated positional=1 --secure-port=6443@7:34\n",
	 "error 7:31 an item of command is not a string: Kubernetes refuses the manifest (cannot unmarshal number into Go "
	 "struct field Container.command of type string)\n", DS_INPUT_FAILED},
	{"a command in one string",
	 POD "  - command: kube-apiserver --secure-port=6443\n",
	 "kube-apiserver static-pod host=d guessed --secure-port=6443@7:14\n",
	 "error 7:14 command is not a list: Kubernetes refuses the manifest (cannot unmarshal string into Go struct field "
	 "Container.command of type []string)\n", DS_INPUT_FAILED},
	{"node name, init containers and what is only seen",
	 "apiVersion: v1\nkind: Pod\nspec:\n  nodeName: cp-1\n  initContainers:\n  - command: [kube-proxy, --init-only=true]\n"
	 "  containers:\n  - command: [etcd, --name=a]\n  - command: [nginx]\n",
	 "kube-proxy static-pod host=cp-1 node=cp-1 --init-only=true@6:27\nseen etcd\n", NULL, DS_INPUT_READ},
	{"a DaemonSet in a list",
	 "apiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: DaemonSet\n  spec:\n    template:\n      spec:\n"
	 "        nodeName: not-a-node\n        containers:\n        - image: kube-proxy:v1.30.1@sha256:00\n"
	 "          command:\n          - /usr/local/bin/kube-proxy\n          - --config=/var/lib/kube-proxy/config.conf\n",
	 "kube-proxy static-pod 1.30.1(image) --config=/var/lib/kube-proxy/config.conf@14:13 "
	 "file=/var/lib/kube-proxy/config.conf(a manifest does not contain the files of its host)\n", NULL,
	 DS_INPUT_READ},
	{"a PodList, whose items tell no kind",
	 "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[{\"metadata\":{},\"spec\":{\"containers\":[{\"command\":"
	 "[\"kube-proxy\",\"--cluster-cidr=::/0\"]}]}}]}",
	 "kube-proxy static-pod host=d --cluster-cidr=::/0@1:109\n", NULL, DS_INPUT_READ},
	{"several documents",
	 POD "  - command: [kube-proxy]\n---\n" POD "  - command: [kube-apiserver]\n---\napiVersion: v1\nkind: Service\n"
	     "metadata: {name: s, namespace: n}\n",
	 "kube-proxy static-pod host=d\nkube-apiserver static-pod host=d\nobject Service n/s\n", NULL, DS_INPUT_READ},
	{"a fragment", "spec:\n  containers:\n  - command:\n    - kube-proxy\n    - --cluster-cidr=10.0.0.0/8\n",
	 "kube-proxy static-pod host=d truncated --cluster-cidr=10.0.0.0/8@5:7\n",
	 "warning 1:1 no kind: taken for a part of a Pod, whose further flags are unknown\n", DS_INPUT_READ},
	{"broken in the middle", POD "  - command:\n    - kube-proxy\n    - --cluster-cidr=10.0.0.0/8\n    - \"unended\n",
	 "kube-proxy static-pod host=d truncated --cluster-cidr=10.0.0.0/8@9:7\n", "", DS_INPUT_FAILED},
	{"somebody's program", POD "  - command: [nginx]\n", "", NULL, DS_INPUT_READ},
	{"oddly shaped", "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - 7\n  - {command: {a: b}}\n  - []\n  - {args: ~, env: 3}\n",
	 "", "error 6:15 command is not a list: Kubernetes refuses the manifest (cannot unmarshal object into Go struct field "
	     "Container.command of type []string)\n", DS_INPUT_FAILED},
};

static void reads_manifests(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		struct run r;
		struct ds_input *in;
		const char *got, *diags;

		run_init(&r);
		in = run_text(&r, "d/manifest.yaml", ds_str_from(cases[i].text), NULL);
		got = describe(&r);
		diags = describe_diags(&r);
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: got\n%swant\n%s", cases[i].name, got, cases[i].want);
		/* "": some, in the parser's words. */
		if (cases[i].diags && !cases[i].diags[0] ? !diags[0] : strcmp(diags, cases[i].diags ? cases[i].diags : "") != 0)
			fail_msg("%s: diagnostics\n%s", cases[i].name, diags);
		if (in->status != cases[i].status)
			fail_msg("%s: status %s", cases[i].name, ds_input_status_name(in->status));
		if (strcmp(in->type, "static-pod") != 0)
			fail_msg("%s: type %s", cases[i].name, in->type);
		run_done(&r);
	}
}

/* Places hold the path and point inside the quotes. */
static void places_are_complete(void **state)
{
	static const char text[] = POD "  - command: [\"kube-apiserver\", '--secure-port=6443']\n";
	const struct ds_flag_use *u;
	struct run r;

	(void)state;
	run_init(&r);
	(void)run_text(&r, "d/manifest.yaml", ds_str_from(text), NULL);
	assert_int_equal(r.f.components.n, 1);
	u = ds_cmdline_last(&r.f.components.v[0]->cmdline, "secure-port");
	assert_non_null(u);
	assert_string_equal(u->loc.path, "spec.containers[0].command[1]");
	assert_int_equal(u->loc.line, 7);
	assert_int_equal(u->loc.column, 34);
	assert_int_equal(u->value_loc.column, 48);
	assert_string_equal(u->loc.input->name, "d/manifest.yaml");
	assert_int_equal(r.f.components.v[0]->loc.column, 16);
	run_done(&r);
}

/* The node's folder is the host, so that manifests of one node belong together. */
static void folders_are_hosts(void **state)
{
	static const struct {
		const char *name, *host;
	} names[] = {
		{"/etc/kubernetes/manifests/a.yaml", "/etc/kubernetes/manifests"},
		{"a.yaml", "."},
		{"-", "-"},
		{"/a.yaml", "/"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(names); i++) {
		struct run r;

		run_init(&r);
		(void)run_text(&r, names[i].name, DS_STR(POD "  - command: [kube-proxy]\n"), NULL);
		assert_int_equal(r.f.components.n, 1);
		if (strcmp(r.f.components.v[0]->host, names[i].host) != 0)
			fail_msg("%s: host %s", names[i].name, r.f.components.v[0]->host);
		run_done(&r);
	}
}

/* Whatever runs in them, Pods and what makes Pods are objects that rules look at. */
static void pods_are_objects(void **state)
{
	static const struct {
		const char *text, *want; /* "kind name host" */
	} rows[] = {
		{POD "  - command: [nginx]\n", "Pod p d\n"},
		{POD "  - command: [kube-proxy]\n", "Pod p d\n"},
		{"apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {nodeName: n1, containers: [{name: a}]}\n", "Pod p n1\n"},
		{"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: p}\n"
		 "spec: {template: {spec: {nodeName: n1, containers: [{name: a}]}}}\n", "Deployment p \n"},
		{"apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: p}\n"
		 "spec: {jobTemplate: {spec: {template: {spec: {containers: [{command: [kube-proxy]}]}}}}}\n", "CronJob p \n"},
		{"{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[{\"metadata\":{\"name\":\"a\"},\"spec\":{\"containers\":[]}}]}",
		 "Pod a d\n"},
		{"spec:\n  containers:\n  - command: [kube-proxy]\n", ""},
		{"apiVersion: apps/v1\nkind: ControllerRevision\nmetadata: {name: p}\ndata: {}\n", ""},
		{"apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++) {
		_ds_buf_done_ struct ds_buf got = DS_BUF_INIT;
		struct run r;

		run_init(&r);
		(void)run_text(&r, "d/manifest.yaml", ds_str_from(rows[i].text), NULL);
		ds_buf_addz(&got, "");
		for (size_t k = 0; k < r.f.objects.n; k++)
			ds_buf_printf(&got, "%s %s %s\n", r.f.objects.v[k].kind, r.f.objects.v[k].name,
				      r.f.objects.v[k].host);
		assert_string_equal(got.p, rows[i].want);
		run_done(&r);
	}
}

static void memory_may_end_anywhere(void **state)
{
	const char *texts[DS_ARRAY_SIZE(cases)];

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++)
		texts[i] = cases[i].text;
	run_out_of_memory("d/in.yaml", texts, DS_ARRAY_SIZE(texts), 90000, 911);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_manifests),
		cmocka_unit_test(places_are_complete),
		cmocka_unit_test(folders_are_hosts),
		cmocka_unit_test(pods_are_objects),
		cmocka_unit_test(memory_may_end_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
