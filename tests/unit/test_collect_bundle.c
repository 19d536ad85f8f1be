#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "collect/bundle.h"
#include "collect_util.h"

#define HEAD "apiVersion: dsaudit.dev/v1\nkind: NodeBundle\n"

static const struct {
	const char *name;
	const char *text;
	const char *want;
	const char *diags; /* NULL: none */
} cases[] = {
	{"processes keep their boundaries",
	 HEAD "node: n1\nkubernetesVersion: 1.30\nprocesses:\n- pid: 7\n  ppid: 1\n  argv: [kube-apiserver, "
	      "\"--service-cluster-ip-range=10.96.0.0/16, fd00::/108\"]\n- {argv: [nginx]}\n- {argv: []}\n- {}\n",
	 "kube-apiserver process pid=7 ppid=1 host=n1 node=n1 1.30.0(bundle) "
	 "--service-cluster-ip-range=10.96.0.0/16, fd00::/108@8:27\n", NULL},
	{"the executable's path tells the version before the bundle does",
	 HEAD "node: n1\nkubernetesVersion: v1.30.0\nprocesses:\n- {pid: 7, exe: /opt/v1.31.4/kubelet, argv: [kubelet]}\n",
	 "kubelet process pid=7 host=n1 node=n1 1.31.4(binary-path)\n", NULL},
	{"files of the process before those of the node",
	 HEAD "node: n1\nprocesses:\n- argv: [kubelet, --config=/a]\n  files: {/a: {text: 'kind: A'}}\n"
	      "- argv: [kube-proxy, --config=/b]\n- argv: [kube-proxy, --config=/c]\n- argv: [kube-proxy, --config=/d]\n"
	      "files: {/a: {text: 'kind: wrong'}, /b: {text: 'kind: B'}, /d: {}}\n",
	 "kubelet process host=n1 node=n1 --config=/a@5:19 file=/a(in#/a)\n"
	 "kube-proxy process host=n1 node=n1 --config=/b@7:22 file=/b(in#/b)\n"
	 "kube-proxy process host=n1 node=n1 --config=/c@8:22 file=/c(the bundle does not contain it)\n"
	 "kube-proxy process host=n1 node=n1 --config=/d@9:22 file=/d(the bundle holds no text for it)\n", NULL},
	{"static pods among the files",
	 HEAD "node: n1\nfiles:\n  /etc/kubernetes/manifests/p.yaml:\n    text: |\n      apiVersion: v1\n      kind: Pod\n"
	      "      spec:\n        containers:\n        - command: [kube-proxy, --config=/b]\n"
	      "  /etc/kubernetes/manifests/.hidden: {text: 'not: read'}\n  /etc/kubernetes/manifests/sub/x: {text: 'a: b'}\n"
	      "  /b: {text: 'a: b'}\n",
	 "kube-proxy static-pod host=n1 node=n1 --config=/b@5:27 file=/b(in#/b)\n", NULL},
	{"a kubeadm configuration is told by its text, wherever it lies",
	 HEAD "node: n1\nfiles:\n  /root/k.yaml:\n    text: |\n      apiVersion: kubeadm.k8s.io/v1beta4\n"
	      "      kind: ClusterConfiguration\n      kubernetesVersion: v1.34.0\n      networking: {podSubnet: 1.2.3.4}\n"
	      "  /root/notes: {text: 'apiVersion: v1'}\n",
	 "kubeadm kubeadm host=n1 node=n1 1.34.0(kubeadm)\n", NULL},
	{"objects", HEAD "node: n1\nobjects:\n- {apiVersion: v1, kind: Node, metadata: {name: n1}}\n"
			 "- {apiVersion: dsaudit.dev/v1, kind: NodeBundle}\n",
	 "object Node /n1\n", "error 6:3 an object of the bundle is not a Kubernetes object: left out\n"},
	{"a component without arguments is said, a kernel thread is none",
	 HEAD "processes:\n- {pid: 2, argv: []}\n- {pid: 3, exe: /usr/bin/kubelet}\n- {pid: 4, exe: /kube-proxy, argv: []}\n- 5\n",
	 "", "error 5:3 a process of the bundle has no argv: its flags are unknown, and it is left out\n"
	 "error 6:3 a process of the bundle has no argv: its flags are unknown, and it is left out\n"
	 "error 7:3 a process of the bundle is not a mapping: left out\n"},
	{"wrong types are said and left out",
	 HEAD "node: 7\nkubernetesVersion: newest\nprocesses:\n- argv: [kubelet, 5, --node-ip=192.0.2.1]\n- argv: kubelet\n"
	      "addresses: {}\nsysctls: []\nfiles: 3\nobjects: x\n",
	 "kubelet process host=in truncated --node-ip=192.0.2.1@6:22\n",
	 "error 3:7 node of the bundle is not a string: left out\n"
	 "error 4:20 kubernetesVersion of the bundle is not a version: left out\n"
	 "error 6:19 an element of argv of the bundle is not a string: left out\n"
	 "error 7:9 argv of the bundle is not a list: left out\n"
	 "error 10:8 files of the bundle is not a mapping: left out\n"
	 "error 8:12 addresses of the bundle is not a list: left out\n"
	 "error 9:10 sysctls of the bundle is not a mapping: left out\n"
	 "error 11:10 objects of the bundle is not a list: left out\n"},
};

static void reads_bundles(void **state)
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
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: got\n%swant\n%s", cases[i].name, got, cases[i].want);
		if (strcmp(diags, cases[i].diags ? cases[i].diags : "") != 0)
			fail_msg("%s: diagnostics\n%s", cases[i].name, diags);
		if (in->status != (cases[i].diags ? DS_INPUT_FAILED : DS_INPUT_READ) || strcmp(in->type, "bundle") != 0)
			fail_msg("%s: %s %s", cases[i].name, in->type, ds_input_status_name(in->status));
		run_done(&r);
	}
}

static void knows_the_host(void **state)
{
	static const char text[] = HEAD "node: n1\naddresses:\n- {interface: eth0, cidr: 192.0.2.10/24}\n"
					"- {cidr: '2001:db8::1/64'}\nsysctls: {net.ipv6.conf.all.disable_ipv6: \"0\", a: 1}\n";
	const struct ds_host *h;
	struct run r;

	(void)state;
	run_init(&r);
	(void)run_text(&r, "in", ds_str_from(text), NULL);
	assert_int_equal(r.f.hosts.n, 1);
	h = r.f.hosts.v[0];
	assert_string_equal(h->name, "n1");
	assert_string_equal(h->node, "n1");
	assert_true(h->has_addresses);
	assert_int_equal(h->addresses.n, 2);
	assert_string_equal(h->addresses.v[0].interface, "eth0");
	assert_true(ds_str_eqz(h->addresses.v[1].cidr, "2001:db8::1/64"));
	assert_int_equal(h->sysctls.n, 2);
	assert_string_equal(h->sysctls.v[0].name, "net.ipv6.conf.all.disable_ipv6");
	assert_true(ds_str_eqz(h->sysctls.v[1].value, "1"));
	run_done(&r);
}

/* An address that could not be read leaves the list incomplete, never short and complete. */
static void an_unreadable_address_is_not_absent(void **state)
{
	struct run r;

	(void)state;
	run_init(&r);
	(void)run_text(&r, "in", DS_STR(HEAD "addresses:\n- {cidr: 192.0.2.10/24}\n- {interface: eth1}\n"), NULL);
	assert_int_equal(r.f.hosts.n, 1);
	assert_false(r.f.hosts.v[0]->has_addresses);
	assert_int_equal(r.f.hosts.v[0]->addresses.n, 1);
	assert_string_equal(r.f.hosts.v[0]->name, "in");
	run_done(&r);
}

static void a_named_file_is_parsed_once(void **state)
{
	static const char text[] = HEAD "processes:\n- argv: [kubelet, --config=/a]\n- argv: [kubelet, --config=/a]\n"
					"files: {/a: {text: \"x: 1\\ny: [\"}}\n";
	const struct ds_named_file *file;
	struct run r;

	(void)state;
	run_init(&r);
	(void)run_text(&r, "in", ds_str_from(text), NULL);
	assert_int_equal(r.f.components.n, 2);
	assert_int_equal(r.ctx.inputs.n, 2);
	file = &r.f.components.v[0]->files.v[0];
	assert_ptr_equal(file->input, r.f.components.v[1]->files.v[0].input);
	/* It stops at an error: what comes before is there, and the input says so. */
	assert_int_equal(file->input->status, DS_INPUT_FAILED);
	assert_non_null(file->yaml);
	run_done(&r);
}

/* Ten thousand nodes have one configuration: its tree is kept once, each file stays an input of its own. */
static void nodes_share_the_tree_of_a_text(void **state)
{
	static const char first[] = HEAD "node: n1\nprocesses: [{argv: [kubelet, --config=/a]}]\n"
					 "files: {/a: {text: \"x: 1\\ny: 2\"}}\n";
	static const char second[] = HEAD "node: n2\nprocesses:\n- argv: [kubelet, --config=/a]\n"
					  "- argv: [kube-proxy, --config=/b]\n"
					  "files: {/a: {text: \"x: 1\\ny: 2\"}, /b: {text: \"x: 1\\ny: 3\"}}\n";
	const struct ds_named_file *x, *y, *z;
	struct run r;

	(void)state;
	run_init(&r);
	(void)run_text(&r, "one", ds_str_from(first), NULL);
	(void)run_text(&r, "two", ds_str_from(second), NULL);
	assert_int_equal(r.f.components.n, 3);
	x = &r.f.components.v[0]->files.v[0];
	y = &r.f.components.v[1]->files.v[0];
	z = &r.f.components.v[2]->files.v[0];
	assert_ptr_equal(x->yaml->docs[0].root, y->yaml->docs[0].root);
	assert_ptr_not_equal(y->yaml->docs[0].root, z->yaml->docs[0].root);
	assert_string_equal(x->yaml->input->name, "one#/a");
	assert_string_equal(y->yaml->input->name, "two#/a");
	assert_ptr_equal(y->yaml->input, y->input);
	assert_true(ds_str_eqz(y->input->text, "x: 1\ny: 2"));
	run_done(&r);
}

/* What is wrong with a text is wrong on every node that has it. */
static void each_node_hears_of_a_bad_text(void **state)
{
	static const char *const bad[] = {"x: 1\\nx: 2", "x: 1\\ny: ["}; /* a warning, an error */

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(bad); i++) {
		struct run r;
		size_t n;

		run_init(&r);
		for (int node = 1; node <= 2; node++) {
			const char *text = ds_arena_printf(
				r.ctx.arena, HEAD "node: n%d\nprocesses: [{argv: [kubelet, --config=/a]}]\nfiles: {/a: {text: \"%s\"}}\n",
				node, bad[i]);

			assert_non_null(text);
			(void)run_text(&r, node == 1 ? "one" : "two", ds_str_from(text), NULL);
			n = r.ctx.diags.n;
			assert_int_equal(n, node);
			assert_string_equal(r.ctx.diags.v[n - 1].loc.input->name, node == 1 ? "one#/a" : "two#/a");
		}
		run_done(&r);
	}
}

/* Rules' tests hold bundles without apiVersion and kind. */
static void an_inline_bundle_needs_no_kind(void **state)
{
	struct ds_yaml_stream stream;
	struct ds_input *in;
	struct run r;

	(void)state;
	run_init(&r);
	in = ds_ctx_input(&r.ctx, "rule", "rule");
	assert_non_null(in);
	assert_int_equal(ds_yaml_load(&r.ctx, in, DS_STR("bundle: {node: n1, processes: [{argv: [kubelet, --node-ip=1.2.3.4]}]}"),
				      &stream), 0);
	assert_int_equal(ds_collect_bundle_node(&r.f, in, ds_yaml_get(stream.docs[0].root, "bundle")), 0);
	assert_string_equal(describe(&r), "kubelet process host=n1 node=n1 --node-ip=1.2.3.4@1:49\n");
	run_done(&r);
}

static void memory_may_end_anywhere(void **state)
{
	const char *texts[DS_ARRAY_SIZE(cases)];

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++)
		texts[i] = cases[i].text;
	run_out_of_memory("in", texts, DS_ARRAY_SIZE(texts), 60000, 499);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_bundles),
		cmocka_unit_test(knows_the_host),
		cmocka_unit_test(an_unreadable_address_is_not_absent),
		cmocka_unit_test(a_named_file_is_parsed_once),
		cmocka_unit_test(nodes_share_the_tree_of_a_text),
		cmocka_unit_test(each_node_hears_of_a_bad_text),
		cmocka_unit_test(an_inline_bundle_needs_no_kind),
		cmocka_unit_test(memory_may_end_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
