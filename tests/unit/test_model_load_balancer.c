#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "schema_util.h"

#define POOL(name, spec)                                                                                                    \
	"---\napiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: " name "}\nspec: {" spec "}\n"
#define SERVICE(annotations, spec)                                                                                          \
	"---\napiVersion: v1\nkind: Service\nmetadata: {name: s, annotations: {" annotations "}}\nspec: {" spec "}\n"
#define LB "type: LoadBalancer"
#define V4 POOL("v4", "addresses: [192.0.2.0/28]")
#define V6 POOL("v6", "addresses: ['fd00::1-fd00::9']")
#define NODE(id) "---\napiVersion: v1\nkind: Node\nmetadata: {name: a}\nspec: {providerID: '" id "'}\n"
#define SVC "cluster.services[0].loadBalancer"

static const struct schema_row rows[] = {
	{"no load balancer", V4 SERVICE("", "type: NodePort"), "!has(" SVC ")"},
	{"no pools", SERVICE("", LB), "!has(" SVC ".pools) && !has(" SVC ".dualPool) && !has(" SVC ".controller)"},
	{"a pool for each family", V4 V6 SERVICE("", LB),
	 SVC ".pools == ['v4', 'v6'] && " SVC ".poolFamilies == ['IPv4', 'IPv6'] && !" SVC ".dualPool"},
	{"one for both", POOL("b", "addresses: [192.0.2.1 - 192.0.2.9, 'fd00::/120']") SERVICE("", LB), SVC ".dualPool"},
	{"one that must be named", POOL("v4", "autoAssign: false, addresses: [192.0.2.0/28]") SERVICE("", LB),
	 "size(" SVC ".pools) == 0 && !" SVC ".dualPool"},
	{"and is", POOL("v4", "autoAssign: false, addresses: [192.0.2.0/28]") V6 SERVICE("metallb.io/address-pool: v4", LB),
	 SVC ".pool == 'v4' && " SVC ".poolFamilies == ['IPv4']"},
	{"by the older name", V4 V6 SERVICE("metallb.universe.tf/address-pool: v6", LB), SVC ".poolFamilies == ['IPv6']"},
	{"one that was not seen", V4 SERVICE("metallb.io/address-pool: x", LB), "?" SVC ".dualPool"},
	{"a template", POOL("v4", "addresses: ['{{ .x }}']") SERVICE("", LB), "?" SVC ".dualPool"},
	{"a name that is a template", V4 SERVICE("metallb.io/address-pool: '{{ .x }}'", LB), "?" SVC ".pool == ''"},
	{"a type that is a template", SERVICE("", "type: '{{ .x }}'"), "?has(" SVC ")"},
	{"somebody else's", V4 SERVICE("", LB ", loadBalancerClass: x/y"), "!has(" SVC ".dualPool) && " SVC ".class == 'x/y'"},
	{"addresses asked for", V4 SERVICE("metallb.io/loadBalancerIPs: 192.0.2.1", LB), "!has(" SVC ".dualPool)"},
	{"addresses given", V4 SERVICE("", LB "}\nstatus: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}"), "!has(" SVC ".dualPool)"},
	{"AWS by class", SERVICE("", LB ", loadBalancerClass: service.k8s.aws/nlb"), SVC ".controller == 'aws-load-balancer-controller'"},
	{"AWS by type",
	 SERVICE("service.beta.kubernetes.io/aws-load-balancer-type: nlb-ip, service.beta.kubernetes.io/aws-load-balancer-ip-address-type: dualstack", LB),
	 SVC ".controller == 'aws-load-balancer-controller' && " SVC ".ipAddressType == 'dualstack'"},
	{"AWS, the cloud provider's", SERVICE("service.beta.kubernetes.io/aws-load-balancer-type: nlb", LB), "!has(" SVC ".controller)"},
	{"OpenStack by annotation", SERVICE("loadbalancer.openstack.org/subnet-id: x", LB), SVC ".controller == 'openstack'"},
	{"OpenStack by Nodes", NODE("openstack:///1") NODE("openstack:///2") SERVICE("", LB), SVC ".controller == 'openstack'"},
	{"Nodes of two clouds", NODE("openstack:///1") NODE("aws:///2") NODE("openstack:///3") SERVICE("", LB), "!has(" SVC ".controller)"},
	{"oddly shaped", POOL("v4", "addresses: 5") POOL("v5", "addresses: [5, x], autoAssign: 7") SERVICE("metallb.io/address-pool: []", LB ", loadBalancerClass: {}"),
	 "size(cluster.services) == 1"},
};

static void rules_see(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}

static void memory_may_end_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		check_memory(rows[i].objects);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_see),
		cmocka_unit_test(memory_may_end_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
