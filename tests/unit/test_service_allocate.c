/* Addresses and node ports: what the allocators give and refuse. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "service_case.h"

static void addresses(void **state)
{
	static const struct service_case cases[] = {
	    {"free",
	     36, "v4",
	     NULL, "{clusterIP: \"10.96.0.2\", ports: [{port: 80}]}",
	     "ok SingleStack IPv4 10.96.0.2",					      {0}},
	    {"last but one",
	     36, "v4",
	     NULL, "{clusterIP: \"10.96.255.254\", ports: [{port: 80}]}",
	     "ok SingleStack IPv4 10.96.255.254",					  {0}},
	    {"network",
	     36, "v4",
	     NULL, "{clusterIP: \"10.96.0.0\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: [\"10.96.0.0\"]: failed to allocate IP 10.96.0.0: the "
	     "provided network does not match the current range",			  {0}},
	    {"broadcast",
	     33, "v4",
	     NULL, "{clusterIP: \"10.96.255.255\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: []string{\"10.96.255.255\"}: failed to allocate IP "
	     "10.96.255.255: the provided network does not match the current range",       {0}},
	    {"broadcast, bitmap",
	     32, "v4",
	     NULL, "{clusterIP: \"10.96.255.255\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: []string{\"10.96.255.255\"}: failed to allocate IP "
	     "10.96.255.255: the provided IP (10.96.255.255) is not in the valid range. The range of "
	     "valid IPs is 10.96.0.0/16",						  {0}},
	    {"IPv6 has no broadcast",
	     36, "v6",
	     NULL, "{clusterIP: \"fd00:10:96::ffff\", ports: [{port: 80}]}",
	     "ok SingleStack IPv6 fd00:10:96::ffff",				       {0}},
	    {"host bits of the range do not show",
	     31, "10.96.7.7/16",
	     NULL, "{clusterIP: \"10.97.0.1\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: []string{\"10.97.0.1\"}: failed to allocate IP "
	     "10.97.0.1: the provided IP (10.97.0.1) is not in the valid range. The range of valid IPs "
	     "is 10.96.0.0/16",							    {0}},
	    {"beyond the bitmap",
	     32, "fd00::/64",
	     NULL, "{clusterIP: \"fd00::1:0\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: []string{\"fd00::1:0\"}: failed to allocate IP "
	     "fd00::1:0: the provided IP (fd00::1:0) is not in the valid range. The range of valid IPs "
	     "is fd00::/64",							       {0}},
	    {"within the bitmap",
	     32, "fd00::/64",
	     NULL, "{clusterIP: \"fd00::ffff\", ports: [{port: 80}]}",
	     "ok SingleStack IPv6 fd00::ffff",					     {0}},
	    {"no bitmap",
	     33, "fd00::/64",
	     NULL, "{clusterIP: \"fd00::1:0\", ports: [{port: 80}]}",
	     "ok SingleStack IPv6 fd00::1:0",					      {0}},
	    {"kubernetes",
	     36, "v4v6",
	     NULL, "{clusterIP: \"10.96.0.1\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: [\"10.96.0.1\"]: failed to allocate IP 10.96.0.1: "
	     "provided IP is already allocated",					   {0}},
	    {"kubernetes has one address",
	     36, "v4v6",
	     NULL, "{clusterIP: \"fd00:10:96::1\", ports: [{port: 80}]}",
	     "ok SingleStack IPv6 fd00:10:96::1",					  {0}},
	    {"placeholder in an error",
	     36, "v4v6",
	     NULL, "{clusterIP: 10.97.0.1, ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: [\"10.97.0.1\",\"\"]: failed to allocate IP "
	     "10.97.0.1: the provided network does not match the current range",           {0}},
	    {"full",
	     35, "10.0.0.0/31",
	     NULL, "{ports: [{port: 80}]}",
	     "500 Internal error occurred: failed to allocate a serviceIP: range is full", {0}},
	    {"full, named",
	     36, "10.0.0.0/31",
	     NULL, "{ports: [{port: 80}]}",
	     "500 Internal error occurred: failed to allocate a serviceIP for Service \"web\": range is "
	     "full",								       {0}},
	    {"one IPv6 address is enough",
	     36, "fd00::/127",
	     NULL, "{ports: [{port: 80}]}",
	     "ok SingleStack IPv6 <IPv6>",						 {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

static void dry_runs(void **state)
{
	static const struct service_case cases[] = {
	    {"shows the network",
	     36, "v4v6",
	     NULL, "{ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}",
	     "ok PreferDualStack IPv4,IPv6 10.96.0.0,fd00:10:96::",				       {.dry_run = true}},
	    {"words an outside address differently",
	     36, "v4",
	     NULL, "{clusterIP: \"10.97.0.1\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: [\"10.97.0.1\"]: failed to allocate IP 10.97.0.1: the "
	     "provided IP (10.97.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/16", {.dry_run = true}},
	    {"does not look what is in use",
	     36, "v4",
	     NULL, "{clusterIP: \"10.96.0.1\", ports: [{port: 80}]}",
	     "ok SingleStack IPv4 10.96.0.1",							     {.dry_run = true}},
	    {"gives nothing up to 1.22",
	     22, "v4",
	     NULL, "{ports: [{port: 80}]}",
	     "ok SingleStack IPv4 -",								     {.dry_run = true}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

static void node_ports(void **state)
{
	static const struct service_case cases[] = {
	    {"in range",
	     36, "v4",
	     NULL,       "{type: NodePort, ports: [{port: 80, nodePort: 30080}]}",
	     "ok SingleStack IPv4 <IPv4>",																	      {0}},
	    {"out of range",
	     36, "v4",
	     NULL,       "{type: NodePort, ports: [{port: 80, nodePort: 80}]}",
	     "422 spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. "
	     "The range of valid ports is 30000-32767",																 {0}},
	    {"twice",
	     36, "v4",
	     NULL,       "{type: NodePort, ports: [{name: a, port: 80, nodePort: 30080}, {name: b, port: 81, "
	     "nodePort: 30080}]}",					    "422 spec.ports[1].nodePort: Invalid value: 30080: provided port is already allocated",
	     {0}																					   },
	    {"shared by protocols",
	     36, "v4",
	     NULL,       "{type: NodePort, ports: [{name: a, port: 80}, {name: b, port: 80, protocol: UDP, "
	     "nodePort: 30080}]}",					    "ok SingleStack IPv4 <IPv4>",
	     {0}																					   },
	    {"chosen and shared by two ports of one kind",
	     36, "v4",
	     NULL,       "{type: NodePort, ports: [{name: a, port: 80}, {name: b, port: 80}]}",
	     "422 [spec.ports[1].nodePort: Duplicate value: <port>, spec.ports[1]: Duplicate value: "
	     "{\"Name\":\"\",\"Protocol\":\"TCP\",\"AppProtocol\":null,\"Port\":80,\"TargetPort\":0,\"NodePort\":0}]",								  {0}},
	    {"duplicate, old format",
	     33, "v4",
	     NULL,       "{ports: [{name: a, port: 80}, {name: b, port: 80}]}",
	     "422 spec.ports[1]: Duplicate value: core.ServicePort{Name:\"\", Protocol:\"TCP\", "
	     "AppProtocol:(*string)(nil), Port:80, TargetPort:intstr.IntOrString{Type:0, IntVal:0, "
	     "StrVal:\"\"}, NodePort:0}",																	       {0}},
	    {"health check port out of range",
	     36, "v4",
	     NULL,       "{type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 1, ports: [{port: "
	     "80}]}",							 "500 Internal error occurred: failed to allocate requested HealthCheck NodePort 1: "
	     "provided port is not in the valid range. The range of valid ports is 30000-32767",						 {0}},
	    {"health check port twice",
	     36, "v4",
	     NULL,       "{type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30080, ports: "
	     "[{port: 80, nodePort: 30080}]}",				"500 Internal error occurred: failed to allocate requested HealthCheck NodePort 30080: "
	     "provided port is already allocated",								      {0}},
	    {"kept on update",
	     36, "v4",
	     "{type: NodePort, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, externalTrafficPolicy: Cluster, ports: [{port: 80, nodePort: "
	     "30080}]}", "{type: NodePort, ports: [{port: 80}]}",
	     "ok SingleStack IPv4 10.96.0.9",																	   {0}},
	    {"duplicate on update",
	     36, "v4",
	     "{type: NodePort, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, externalTrafficPolicy: Cluster, ports: [{port: 80, nodePort: "
	     "30080}]}", "{type: NodePort, ports: [{name: a, port: 80, nodePort: 30080}, {name: b, port: 81, "
	     "nodePort: 30080}]}",				      "500 duplicate nodePort: {TCP 30080}",
	     {0}																					   },
	};

	(void)state;
	SERVICE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(dry_runs),
	    cmocka_unit_test(node_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
