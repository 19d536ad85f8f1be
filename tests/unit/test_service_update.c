/* What a PUT changes, keeps and may not do. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "service_case.h"

static void upgrades_and_releases(void **state)
{
	static const struct service_case cases[] = {
	    {"sparse, upgrade",
	     36, "v4v6",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",				"{ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}",
	     "ok PreferDualStack IPv4,IPv6 10.96.0.9,<IPv6>",																							     {0}},
	    {"upgrade to a given address",
	     36, "v4v6",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",				"{ipFamilyPolicy: RequireDualStack, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, "
	     "\"fd00:10:96::7\"], ports: [{port: 80}]}",									"ok RequireDualStack IPv4,IPv6 10.96.0.9,fd00:10:96::7",
	     {0}																													     },
	    {"two families without a policy",
	     36, "v4v6",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",				"{ipFamilies: [IPv4, IPv6], ports: [{port: 80}]}",
	     "422 spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or "
	     "'PreferDualStack' when multiple IP families are specified",																						 {0}},
	    {"unchanged PreferDualStack stays single",
	     36, "v4v6",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}",			    "{ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv4], ports: [{port: 80}]}",
	     "ok PreferDualStack IPv4 10.96.0.9",																									 {0}},
	    {"without families it is upgraded",
	     36, "v4v6",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}",			    "{ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}",
	     "ok PreferDualStack IPv4,IPv6 10.96.0.9,<IPv6>",																							     {0}},
	    {"up to 1.21 always",
	     21, "v4v6",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}",			    "{ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv4], clusterIP: 10.96.0.9, ports: "
	     "[{port: 80}]}",											       "ok PreferDualStack IPv4,IPv6 10.96.0.9,<IPv6>",
	     {0}																													     },
	    {"release",
	     36, "v4v6",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, \"fd00:10:96::9\"], "
	     "ipFamilies: [IPv4, IPv6], ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}",  "{ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",
	     "ok SingleStack IPv4 10.96.0.9",																									     {0}},
	    {"release without a policy",
	     36, "v4v6",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, \"fd00:10:96::9\"], "
	     "ipFamilies: [IPv4, IPv6], ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}", "{ipFamilies: [IPv4], ports: [{port: 80}]}",
	     "422 spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": must be 'SingleStack' to "
	     "release the secondary IP family",																									   {0}},
	    {"kept on a cluster that lost a family",
	     36, "v4",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, \"fd00:10:96::9\"], "
	     "ipFamilies: [IPv4, IPv6], ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}",  "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, \"fd00:10:96::9\"], "
	     "ipFamilies: [IPv4, IPv6], ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}",   "ok PreferDualStack IPv4,IPv6 10.96.0.9,fd00:10:96::9",
	     {0}																													     },
	    {"not kept when required",
	     36, "v4",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, \"fd00:10:96::9\"], "
	     "ipFamilies: [IPv4, IPv6], ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}", "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, \"fd00:10:96::9\"], "
	     "ipFamilies: [IPv4, IPv6], ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}", "422 [spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not "
	     "configured for dual-stack services, spec.ipFamilies[1]: Invalid value: \"IPv6\": not "
	     "configured on this cluster]",	       {0}},
	    {"panic: headful becomes headless with two families",
	     36, "v4",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",				"{clusterIP: None, ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}",
	     "dropped",																												   {0}},
	    {"the same on a dual cluster",
	     36, "v4v6",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",				"{clusterIP: None, ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}",
	     "422 [spec.clusterIPs[0]: Invalid value: [\"None\",\"<IPv6>\"]: may not change once set, "
	     "spec.clusterIPs: Invalid value: [\"None\",\"<IPv6>\"]: 'None' must be the first and only "
	     "value]",																												    {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

static void immutable_fields(void **state)
{
	static const struct service_case cases[] = {
	    {"address",
	     36, "v4",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",         "{clusterIP: 10.96.0.10, ports: [{port: 80}]}",
	     "422 spec.clusterIPs[0]: Invalid value: [\"10.96.0.10\"]: may not change once set",														       {0}},
	    {"family of a headful Service",
	     36, "v4v6",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",         "{ipFamilies: [IPv6], ports: [{port: 80}]}",
	     "422 spec.clusterIPs[0]: Invalid value: \"10.96.0.9\": expected an IPv6 value as indicated "
	     "by `ipFamilies[0]`",																						     {0}},
	    {"headless is reset without families",
	     36, "v6v4",
	     "{type: ClusterIP, clusterIP: None, clusterIPs: [None], selector: {a: b}, ipFamilies: "
	     "[IPv4], ipFamilyPolicy: SingleStack, ports: [{port: 80}]}", "{clusterIP: None, selector: {a: b}, ports: [{port: 80}]}",
	     "ok SingleStack IPv6 None",																					       {0}},
	    {"load balancer class",
	     36, "v4",
	     "{type: LoadBalancer, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, externalTrafficPolicy: Local, healthCheckNodePort: 30001, "
	     "loadBalancerClass: a.b/c, allocateLoadBalancerNodePorts: true, ports: [{port: 80, "
	     "nodePort: 30080}]}",					"{type: LoadBalancer, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, externalTrafficPolicy: Local, healthCheckNodePort: 30001, "
	     "loadBalancerClass: a.b/d, allocateLoadBalancerNodePorts: true, ports: [{port: 80, "
	     "nodePort: 30080}]}",								  "422 spec.loadBalancerClass: Invalid value: \"a.b/d\": may not change once set",
	     {0}																									  },
	    {"health check port",
	     36, "v4",
	     "{type: LoadBalancer, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, externalTrafficPolicy: Local, healthCheckNodePort: 30001, "
	     "loadBalancerClass: a.b/c, allocateLoadBalancerNodePorts: true, ports: [{port: 80, "
	     "nodePort: 30080}]}",					"{type: LoadBalancer, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, externalTrafficPolicy: Local, healthCheckNodePort: 30002, "
	     "loadBalancerClass: a.b/c, allocateLoadBalancerNodePorts: true, ports: [{port: 80, "
	     "nodePort: 30080}]}",								  "422 spec.healthCheckNodePort: Forbidden: field is immutable",
	     {0}																									  },
	    {"another name", 36, "v4",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",
	     "!metadata: {name: other}\nspec: {ports: [{port: 80}]}",
	     "400 the name of the object (other) does not match the name on the URL (web)", {0}},
	    {"no name", 36, "v4", "{clusterIP: 10.96.0.9, ports: [{port: 80}]}", "!spec: {ports: [{port: 80}]}",
	     "400 the name of the object (web based on URL) was undeterminable: name must be provided", {0}},
	    {"an older version", 36, "v4", "!metadata: {name: web, resourceVersion: \"7\"}\nspec: {clusterIP: 10.96.0.9}",
	     "!metadata: {name: web, resourceVersion: \"5\"}\nspec: {ports: [{port: 80}]}",
	     "409 Operation cannot be fulfilled on services \"web\": the object has been modified; please apply your "
	     "changes to the latest version and try again", {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

static void types(void **state)
{
	static const struct service_case cases[] = {
	    {"to ExternalName",
	     36, "v4",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",		    "{type: ExternalName, externalName: example.com, ports: [{port: 80}]}",
	     "ok - - -",																						  {0}},
	    {"to ExternalName with everything as it was",
	     36, "v4",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",		    "{type: ExternalName, externalName: a.b, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], "
	     "ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",		   "ok - - -",
	     {0}																							     },
	    {"to ExternalName with other families",
	     36, "v4v6",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",		    "{type: ExternalName, externalName: a.b, ipFamilies: [IPv6], ports: [{port: 80}]}",
	     "422 spec.ipFamilies: Forbidden: may not be set for ExternalName services",														  {0}},
	    /* strategy.go:sameIPFamilyPolicy */
	    {"to ExternalName with an empty policy where there was none",
	     36, "v4",
	     "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], ports: [{port: 80}]}",
	     "{type: ExternalName, externalName: a.b, ipFamilyPolicy: \"\", ports: [{port: 80}]}", "ok - - -", {0}},
	    {"from ExternalName",
	     36, "v4v6",
	     "{type: ExternalName, externalName: example.com, ports: [{port: 80}]}", "{ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}",
	     "ok RequireDualStack IPv4,IPv6 <IPv4>,<IPv6>",																	       {0}},
	    {"LoadBalancer to ClusterIP drops what depends on it",
	     36, "v4",
	     "{type: LoadBalancer, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, externalTrafficPolicy: Local, healthCheckNodePort: 30001, "
	     "loadBalancerClass: a.b/c, allocateLoadBalancerNodePorts: true, ports: [{port: 80, "
	     "nodePort: 30080}]}",						   "{type: ClusterIP, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, externalTrafficPolicy: Local, healthCheckNodePort: 30001, "
	     "loadBalancerClass: a.b/c, allocateLoadBalancerNodePorts: true, ports: [{port: 80, "
	     "nodePort: 30080}]}",												     "ok SingleStack IPv4 10.96.0.9",
	     {0}																							     },
	    {"a changed node port survives and is refused",
	     36, "v4",
	     "{type: NodePort, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, externalTrafficPolicy: Cluster, ports: [{port: 80, nodePort: "
	     "30080}]}",							     "{type: ClusterIP, ports: [{port: 80, nodePort: 30081}]}",
	     "422 spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",													 {0}},
	    {"a changed traffic policy too",
	     36, "v4",
	     "{type: NodePort, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, externalTrafficPolicy: Cluster, ports: [{port: 80, nodePort: "
	     "30080}]}",							     "{type: ClusterIP, externalTrafficPolicy: Local, ports: [{port: 80}]}",
	     "422 spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for "
	     "externally-accessible services",																			    {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

/* storage.go:needsNodePort: from 1.30 no old number is kept for whoever wants none. */
static void ports_of_load_balancers(void **state)
{
	static const struct {
		unsigned minor;
		int32_t want;
	} cases[] = {{29, 30080}, {30, 0}, {36, 0}};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		const struct service_case c = {
			.minor = cases[i].minor,
			.ranges = "v4",
			.before = "{type: NodePort, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
				  "ipFamilyPolicy: SingleStack, ports: [{port: 80, nodePort: 30080}]}",
			.spec = "{type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 80}]}",
		};
		_ds_ctx_done_ struct ds_ctx ctx = {0};
		struct ds_service_outcome o;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		service_run(&ctx, &c, &o);
		assert_true(o.accepted);
		assert_int_equal(o.object.ports[0].node_port, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(upgrades_and_releases),
	    cmocka_unit_test(immutable_fields),
	    cmocka_unit_test(types),
	    cmocka_unit_test(ports_of_load_balancers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
