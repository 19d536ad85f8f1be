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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
