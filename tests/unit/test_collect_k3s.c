#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "collect_util.h"

/* Inputs that belong together, and a part of what k3s would run. */
static const struct {
	const char *name;
	struct {
		const char *name, *text;
	} in[3];
	enum ds_component component;
	const char *want; /* NULL: no such component */
} cases[] = {
	{"ranges as given", {{"d/config.yaml", "cluster-cidr: 10.42.0.0/16,fd00:42::/56\nservice-cidr: [10.43.0.0/16, 'fd00:43::/112']\n"}},
	 DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager k3s host=d --allocate-node-cidrs=true@1:1 --cluster-cidr=10.42.0.0/16,fd00:42::/56@1:15 "
	 "--service-cluster-ip-range=10.43.0.0/16,fd00:43::/112@2:16 --configure-cloud-routes=false@1:1 "
	 "--bind-address=${k3s' choice}?@1:1\n"},
	{"a default where the family is told", {{"c.yaml", "cluster-cidr: fd00:42::/56\n"}}, DS_KUBE_APISERVER,
	 "kube-apiserver k3s host=. --service-cluster-ip-range=fd00:43::/112@1:1 "
	 "--advertise-address=${the node's address}?@1:1 --bind-address=${k3s' choice}?@1:1\n"},
	{"and none where it is not", {{"c.yaml", "tls-san: x\n"}}, DS_KUBE_APISERVER,
	 "kube-apiserver k3s host=. --service-cluster-ip-range=${k3s' default for the node's family}?@1:1 "
	 "--advertise-address=${the node's address}?@1:1 --bind-address=${k3s' choice}?@1:1\n"},
	{"the user's flag instead of k3s' own",
	 {{"c.yaml", "kube-apiserver-arg:\n- service-cluster-ip-range=10.9.0.0/16\n- '--bind-address=::'\n- profiling\n"
		     "node-ip: 192.0.2.1,2001:db8::1\n"}},
	 DS_KUBE_APISERVER,
	 "kube-apiserver k3s host=. --advertise-address=192.0.2.1@5:10 --service-cluster-ip-range=10.9.0.0/16@2:3 "
	 "--bind-address=::@3:4\n"},
	{"an agent has the server's ranges", {{"c.yaml", "node-ip: 192.0.2.1\nkubelet-arg: max-pods=20\n"}}, DS_KUBE_PROXY,
	 "kube-proxy k3s host=. --cluster-cidr=${the server's}?@1:1 --proxy-mode=iptables@1:1 "
	 "--healthz-bind-address=127.0.0.1@1:1\n"},
	{"and no API server", {{"c.yaml", "node-ip: 192.0.2.1\n"}}, DS_KUBE_APISERVER, NULL},
	{"its kubelet", {{"c.yaml", "node-ip: 192.0.2.1\nnode-name: n1\nkubelet-arg: max-pods=20\n"}}, DS_KUBELET,
	 "kubelet k3s host=. --cloud-provider=external@1:1 --node-ip=192.0.2.1@1:10 --hostname-override=n1@2:12 "
	 "--cluster-dns=${the server's}?@1:1 --max-pods=20@3:14\n"},
	{"the DNS address in every Service range",
	 {{"c.yaml", "service-cidr: 10.43.0.0/16,fd00:43::/112\ndisable-cloud-controller: true\nnode-ip: 192.0.2.1,2001:db8::1\n"}},
	 DS_KUBELET, "kubelet k3s host=. --cluster-dns=10.43.0.10,fd00:43::a@1:15\n"},
	{"later files replace, or add to a key",
	 {{"r/config.yaml.d/2.yaml", "kubelet-arg+: [max-pods=2]\n"}, {"r/config.yaml.d/1.yaml", "node-ip: 192.0.2.2\n"},
	  {"r/config.yaml", "node-ip: 192.0.2.1\ncluster-dns: 192.0.2.9\nkubelet-arg: [v=1]\n"}},
	 DS_KUBELET,
	 "kubelet k3s host=r --cloud-provider=external@1:1 --node-ip=192.0.2.2@1:10 --cluster-dns=192.0.2.9@2:14 "
	 "--max-pods=2@1:16\n"},
	{"drop-ins without a main file", {{"r/config.yaml.d/1.yml", "kubelet-arg: [max-pods=2]\nnode-ip: '::1'\ncluster-dns: x\n"}},
	 DS_KUBELET,
	 "kubelet k3s host=r --cloud-provider=external@1:1 --node-ip=::1@2:10 --cluster-dns=x@3:14 --max-pods=2@1:15\n"},
	{"no kube-proxy", {{"c.yaml", "disable-kube-proxy: true\nnode-ip: ::1\n"}}, DS_KUBE_PROXY, NULL},
};

#define UNIT "[Service]\nExecStart=/usr/local/bin/k3s "
#define NAME "h/etc/systemd/system/k3s.service"
#define REFUSES "k3s refuses this configuration: "
#define SHARE ", must share the same IP version (IPv4, IPv6 or dual-stack)\n"

/* Command lines, and what k3s refuses. */
static const struct {
	const char *name;
	struct {
		const char *name, *text;
	} in[2];
	enum ds_component component;
	const char *want, *diags;
} commands[] = {
	{"flags are settings, tokens are nobody's", {{NAME, UNIT "server --token t --cluster-cidr=10.9.0.0/16 --debug --service-cidr 10.8.0.0/16\n"}},
	 DS_KUBE_CONTROLLER_MANAGER,
	 "kube-controller-manager k3s host=h truncated --allocate-node-cidrs=true@2:11 --cluster-cidr=10.9.0.0/16@2:62 "
	 "--service-cluster-ip-range=10.8.0.0/16@2:97 --configure-cloud-routes=false@2:11 --bind-address=${k3s' choice}?@2:11\n", NULL},
	{"what the file would say is unknown", {{NAME, UNIT "server --cluster-cidr=10.9.0.0/16,fd00:9::/56\n"}}, DS_KUBE_APISERVER,
	 "kube-apiserver k3s host=h truncated --service-cluster-ip-range=${its config.yaml, which was not seen}?@2:11 "
	 "--advertise-address=${the node's address}?@2:11 --bind-address=${k3s' choice}?@2:11\n", NULL},
	{"lists add to the file's, others replace it",
	 {{NAME, UNIT "server -i ::1 --node-name b --kubelet-arg=max-pods=9\n"},
	  {"h/etc/rancher/k3s/config.yaml", "node-ip: 192.0.2.1\nnode-name: a\nkubelet-arg: [max-pods=8]\ncluster-dns: 192.0.2.9\n"}},
	 DS_KUBELET,
	 "kubelet k3s host=h/etc/rancher/k3s --cloud-provider=external@1:1 --node-ip=192.0.2.1,::1@1:10 --hostname-override=b@2:56 "
	 "--cluster-dns=192.0.2.9@4:14 --max-pods=8@3:15 --max-pods=9@2:72\n", NULL},
	{"another file than usual", {{NAME, UNIT "agent --config /x/y.yaml --disable-kube-proxy\n"}, {"h/x/y.yaml", "node-ip: ::1\n"}},
	 DS_KUBE_PROXY, NULL, NULL},
	{"an agent", {{NAME, UNIT "agent --node-ip 192.0.2.1\n"}}, DS_KUBE_APISERVER, NULL, NULL},
	{"without flags there is nothing to see", {{NAME, UNIT "server\n"}}, DS_KUBELET, NULL, NULL},
	{"no range", {{"c.yaml", "cluster-cidr: 10.9.0.0/16, fd00::/56\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 1:15 " REFUSES "invalid cluster-cidr  fd00::/56: invalid CIDR address:  fd00::/56\n"},
	{"no Service range", {{"c.yaml", "service-cidr: 10.9.0.0\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 1:15 " REFUSES "invalid service-cidr 10.9.0.0: invalid CIDR address: 10.9.0.0\n"},
	{"no address", {{"c.yaml", "cluster-cidr: 10.9.0.0/16\ncluster-dns: x\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 2:14 " REFUSES "invalid cluster-dns address x\n"},
	{"pods of two families, Services of one", {{"c.yaml", "cluster-cidr: 10.9.0.1/16,fd00:9::/56\n"}}, DS_COMPONENT_NONE, NULL,
	 "error 1:15 " REFUSES "cluster-cidr: [10.9.0.0/16 fd00:9::/56] and service-cidr: [10.43.0.0/16]" SHARE},
	{"in another order", {{"c.yaml", "cluster-cidr: 10.9.0.0/16,fd00:9::/56\nservice-cidr: fd00:8::/112,10.8.0.0/16\n"}}, DS_COMPONENT_NONE,
	 NULL, "error 2:15 " REFUSES "cluster-cidr: [10.9.0.0/16 fd00:9::/56] and service-cidr: [fd00:8::/112 10.8.0.0/16]" SHARE},
	{"nodes of one", {{"c.yaml", "cluster-cidr: 10.9.0.0/16,fd00:9::/56\nservice-cidr: 10.8.0.0/16,fd00:8::/112\nnode-ip: 192.0.2.1\n"}},
	 DS_COMPONENT_NONE, NULL, "error 3:10 " REFUSES "cluster-cidr: [10.9.0.0/16 fd00:9::/56] and node-ip: [192.0.2.1]" SHARE},
};

static void reads_command_lines_and_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(commands); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		const char *got, *want = commands[i].want ? commands[i].want : "", *diags = commands[i].diags ? commands[i].diags : "";
		struct run r;

		run_init(&r);
		for (size_t k = 0; k < DS_ARRAY_SIZE(commands[i].in) && commands[i].in[k].name; k++)
			(void)run_text(&r, commands[i].in[k].name, ds_str_from(commands[i].in[k].text), NULL);
		run_finish(&r);
		ds_buf_addz(&b, "");
		for (size_t k = 0; k < r.f.components.n && commands[i].component != DS_COMPONENT_NONE; k++)
			if (r.f.components.v[k]->component == commands[i].component)
				describe_component(&b, r.f.components.v[k]);
		if (strcmp(b.p, want) != 0)
			fail_msg("%s: got\n%swant\n%s", commands[i].name, b.p, want);
		got = describe_diags(&r);
		if (strcmp(got, diags) != 0)
			fail_msg("%s: said\n%swant\n%s", commands[i].name, got, diags);
		run_done(&r);
	}
}

static void makes_the_components(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		_ds_buf_done_ struct ds_buf b = DS_BUF_INIT;
		struct run r;

		run_init(&r);
		for (size_t k = 0; k < DS_ARRAY_SIZE(cases[i].in) && cases[i].in[k].name; k++)
			(void)run_text(&r, cases[i].in[k].name, ds_str_from(cases[i].in[k].text), NULL);
		run_finish(&r);
		ds_buf_addz(&b, "");
		for (size_t k = 0; k < r.f.components.n; k++)
			if (r.f.components.v[k]->component == cases[i].component)
				describe_component(&b, r.f.components.v[k]);
		if (strcmp(b.p, cases[i].want ? cases[i].want : "") != 0)
			fail_msg("%s: got\n%swant\n%s", cases[i].name, b.p, cases[i].want ? cases[i].want : "");
		run_done(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_the_components),
		cmocka_unit_test(reads_command_lines_and_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
