/* Warning headers of accepted requests. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "service_case.h"

static void addresses(void **state)
{
	static const struct service_case cases[] = {
	    {"none in 1.26",
	     26, "v4",
	     NULL, "{clusterIP: \"010.96.0.9\", ports: [{port: 80}]}",
	     "ok SingleStack IPv4 010.96.0.9",										{0}},
	    {"leading zero",
	     27, "v4",
	     NULL, "{clusterIP: \"010.96.0.9\", ports: [{port: 80}]}",
	     "ok SingleStack IPv4 010.96.0.9 | spec.clusterIPs[0]: IP address was accepted, but will be "
	     "invalid in a future Kubernetes release: ParseAddr(\"010.96.0.9\"): IPv4 field has octet "
	     "with leading zero",											     {0}},
	    {"long group",
	     30, "v6",
	     NULL, "{clusterIP: \"fd00:10:96::00009\", ports: [{port: 80}]}",
	     "ok SingleStack IPv6 fd00:10:96::00009 | spec.clusterIPs[0]: IP address was accepted, but "
	     "will be invalid in a future Kubernetes release: ParseAddr(\"fd00:10:96::00009\"): each "
	     "group must have 4 or less digits (at \"00009\")",							      {0}},
	    {"not canonical",
	     32, "v6",
	     NULL, "{clusterIP: \"fd00:10:96::A\", ports: [{port: 80}]}",
	     "ok SingleStack IPv6 fd00:10:96::A | spec.clusterIPs[0]: IPv6 address \"fd00:10:96::A\" is "
	     "not in RFC 5952 canonical format (\"fd00:10:96::a\"), which may cause controller "
	     "apply-loops",												   {0}},
	    {"not canonical, 1.36",
	     36, "v6",
	     NULL, "{clusterIP: \"fd00:10:96::A\", ports: [{port: 80}]}",
	     "ok SingleStack IPv6 fd00:10:96::A | spec.clusterIPs[0]: IPv6 address \"fd00:10:96::A\" "
	     "should be in RFC 5952 canonical format (\"fd00:10:96::a\")",						    {0}},
	    {"a range with two faults", 33, "v4", NULL,
		 "{type: LoadBalancer, loadBalancerSourceRanges: [010.0.0.1/8], ports: [{port: 80}]}",
		 "ok SingleStack IPv4 <IPv4> | spec.loadBalancerSourceRanges[0]: CIDR value \"010.0.0.1/8\" is ambiguous in this "
		 "context (should be \"10.0.0.0/8\" or \"10.0.0.1/32\"?) | spec.loadBalancerSourceRanges[0]: non-standard CIDR "
		 "value \"010.0.0.1/8\" will be considered invalid in a future Kubernetes release: use \"10.0.0.0/8\"", {0}},
		{"a mapped range", 33, "v4", NULL,
		 "{type: LoadBalancer, loadBalancerSourceRanges: [\"::ffff:10.0.0.0/104\"], ports: [{port: 80}]}",
		 "ok SingleStack IPv4 <IPv4> | spec.loadBalancerSourceRanges[0]: non-standard CIDR value "
		 "\"::ffff:10.0.0.0/104\" will be considered invalid in a future Kubernetes release: use \"10.0.0.0/8\"", {0}},
		{"ranges",
	     33, "v4",
	     NULL, "{type: LoadBalancer, loadBalancerIP: \"::A\", loadBalancerSourceRanges: [10.0.0.1/8, "
	     "\"FD00::/8\", 010.0.0.0/8], ports: [{port: 80}]}", "ok SingleStack IPv4 <IPv4> | spec.loadBalancerIP: IPv6 address \"::A\" should be in RFC "
	     "5952 canonical format (\"::a\") | spec.loadBalancerSourceRanges[0]: CIDR value "
	     "\"10.0.0.1/8\" is ambiguous in this context (should be \"10.0.0.0/8\" or "
	     "\"10.0.0.1/32\"?) | spec.loadBalancerSourceRanges[1]: IPv6 CIDR value \"FD00::/8\" should "
	     "be in RFC 5952 canonical format (\"fd00::/8\") | spec.loadBalancerSourceRanges[2]: "
	     "non-standard CIDR value \"010.0.0.0/8\" will be considered invalid in a future Kubernetes "
	     "release: use \"10.0.0.0/8\"", {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

static void fields_that_do_nothing(void **state)
{
	static const struct service_case cases[] = {
	    {"externalName",
	     28, "v4",
	     NULL, "{externalName: a.b, ports: [{port: 80}]}",
	     "ok SingleStack IPv4 <IPv4> | spec.externalName is ignored when spec.type is not "
	     "\"ExternalName\"",															{0}},
	    {"externalName, 1.27",
	     27, "v4",
	     NULL, "{externalName: a.b, ports: [{port: 80}]}",
	     "ok SingleStack IPv4 <IPv4>",													      {0}},
	    {"headless",
	     34, "v4",
	     NULL, "{clusterIP: None, selector: {a: b}, sessionAffinity: ClientIP, externalIPs: [192.0.2.1], "
	     "loadBalancerIP: 192.0.2.2, ports: [{port: 80}]}", "ok SingleStack IPv4 None | spec.loadBalancerIP is ignored for headless services | "
	     "spec.externalIPs is ignored for headless services | spec.SessionAffinity is ignored for "
	     "headless services",				      {0}},
	    {"externalIPs",
	     36, "v4",
	     NULL, "{externalIPs: [192.0.2.1], ports: [{port: 80}]}",
	     "ok SingleStack IPv4 <IPv4> | spec.externalIPs is deprecated and may no longer be "
	     "implemented in some clusters",													    {0}},
	    {"PreferClose",
	     35, "v4",
	     NULL, "{trafficDistribution: PreferClose, ports: [{port: 80}]}",
	     "ok SingleStack IPv4 <IPv4> | spec.trafficDistribution: \"PreferClose\" is deprecated; use "
	     "\"PreferSameZone\"",														      {0}},
	    {"hints",
	     30, "v4",
	     NULL, "!metadata: {name: web, annotations: {service.kubernetes.io/topology-aware-hints: "
	     "auto}}\nspec: {ports: [{port: 80}]}",	     "ok SingleStack IPv4 <IPv4> | annotation service.kubernetes.io/topology-aware-hints is "
	     "deprecated, please use service.kubernetes.io/topology-mode instead", {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(fields_that_do_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
