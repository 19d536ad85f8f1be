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
	    {"the bitmap has all of a large IPv4 range",
	     32, "10.96.0.0/12",
	     NULL, "{clusterIP: \"10.111.255.254\", ports: [{port: 80}]}",
	     "ok SingleStack IPv4 10.111.255.254",				      {0}},
	    {"a range without a bitmap beside it",
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
	    {"the only IPv6 address is that of kubernetes", 36, "fd00::/127", NULL, "{ports: [{port: 80}]}",
	     "500 Internal error occurred: failed to allocate a serviceIP for Service \"web\": range is full", {0}},
	    {"one more is enough", 36, "fd00::/126", NULL, "{ports: [{port: 80}]}", "ok SingleStack IPv6 <IPv6>", {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

/* ipallocator/cidrallocator.go, ipallocator.go: what the MetaAllocator and the bitmap beside it have of a range. */
static void wide_ranges(void **state)
{
	static const struct service_case cases[] = {
	    {"beyond the bitmap, 1.32",
	     32, "fd00:10:96::/108",
	     NULL, "{clusterIP: \"fd00:10:96::1:5\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: []string{\"fd00:10:96::1:5\"}: failed to allocate IP fd00:10:96::1:5: the "
	     "provided IP (fd00:10:96::1:5) is not in the valid range. The range of valid IPs is fd00:10:96::/108", {0}},
	    {"beyond the bitmap that 1.33 writes too",
	     33, "fd00:10:96::/108",
	     NULL, "{clusterIP: \"fd00:10:96::1:5\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: []string{\"fd00:10:96::1:5\"}: failed to allocate IP fd00:10:96::1:5: the "
	     "provided IP (fd00:10:96::1:5) is not in the valid range. The range of valid IPs is fd00:10:96::/108", {0}},
	    {"a dry run does not write it",
	     33, "fd00:10:96::/108",
	     NULL, "{clusterIP: \"fd00:10:96::1:5\", ports: [{port: 80}]}",
	     "ok SingleStack IPv6 fd00:10:96::1:5", {.dry_run = true}},
	    {"no bitmap since 1.34",
	     34, "fd00:10:96::/108",
	     NULL, "{clusterIP: \"fd00:10:96::1:5\", ports: [{port: 80}]}",
	     "ok SingleStack IPv6 fd00:10:96::1:5", {0}},
	    {"no allocator for a /63",
	     36, "fd00:10::/63",
	     NULL, "{clusterIP: \"fd00:10::5\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: [\"fd00:10::5\"]: failed to allocate IP fd00:10::5: the provided network "
	     "does not match the current range", {0}},
	    {"nothing to choose from",
	     34, "fd00:10::/63",
	     NULL, "{ports: [{port: 80}]}",
	     "500 Internal error occurred: failed to allocate a serviceIP: range is full", {0}},
	    {"a dry run finds no allocator, 1.34",
	     34, "fd00:10::/63",
	     NULL, "{ports: [{port: 80}]}",
	     "500 Internal error occurred: failed to allocate a serviceIP: allocator not ready", {.dry_run = true}},
	    {"a dry run finds no allocator, 1.35",
	     35, "fd00:10::/63",
	     NULL, "{ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: [\"\"]: failed to allocate IP: allocator not ready", {.dry_run = true}},
	    {"nor for an address",
	     36, "fd00:10::/63",
	     NULL, "{clusterIP: \"fd00:10::5\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: [\"fd00:10::5\"]: failed to allocate IP fd00:10::5: allocator not ready",
	     {.dry_run = true}},
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
	    /* portallocator/operation.go:Allocate */
	    {"takes node ports of any number",
	     36, "v4",
	     NULL, "{type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 1, ports: [{port: 80, nodePort: "
	     "80}]}",
	     "ok SingleStack IPv4 10.96.0.0", {.dry_run = true}},
	    {"but each once",
	     36, "v4",
	     NULL, "{type: NodePort, ports: [{name: a, port: 80, nodePort: 80}, {name: b, port: 81, nodePort: 80}]}",
	     "422 spec.ports[1].nodePort: Invalid value: 80: provided port is already allocated", {.dry_run = true}},
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

/* Ranges beyond the flag's, addresses of others, another range of node ports. */
static void more_of_the_cluster(void **state)
{
	struct ds_service_cluster plain = service_cluster(36, "10.96.0.0/29"), objects = plain, full = plain, ports = plain,
				  bitmap;
	struct ds_cidr cidrs[2];
	struct ds_ip taken[6];
	const struct {
		const char *name;
		const struct ds_service_cluster *cluster;
		const char *spec, *want;
	} cases[] = {
		{"another ServiceCIDR", &objects, "{clusterIP: 10.200.0.9, ports: [{port: 80}]}",
		 "ok SingleStack IPv4 10.200.0.9"},
		{"not the flag's range", &objects, "{clusterIP: 10.96.0.2, ports: [{port: 80}]}",
		 "422 spec.clusterIPs: Invalid value: [\"10.96.0.2\"]: failed to allocate IP 10.96.0.2: the provided network "
		 "does not match the current range"},
		{"no family beyond the flag's", &objects, "{ipFamilies: [IPv6], ports: [{port: 80}]}",
		 "422 spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster"},
		/* ipallocator/cidrallocator.go:AllocateNextService of 1.33 */
		{"chosen from the flag's range, which no ServiceCIDR has", &bitmap, "{ports: [{port: 80}]}",
		 "500 Internal error occurred: failed to allocate a serviceIP: the provided network does not match the current "
		 "range"},
		{"chosen from a ServiceCIDR since 1.34", &objects, "{ports: [{port: 80}]}", "ok SingleStack IPv4 <IPv4>"},
		{"one left", &plain, "{ports: [{port: 80}]}", "ok SingleStack IPv4 <IPv4>"},
		{"none left", &full, "{ports: [{port: 80}]}",
		 "500 Internal error occurred: failed to allocate a serviceIP for Service \"web\": range is full"},
		{"taken", &full, "{clusterIP: 10.96.0.3, ports: [{port: 80}]}",
		 "422 spec.clusterIPs: Invalid value: [\"10.96.0.3\"]: failed to allocate IP 10.96.0.3: provided IP is already "
		 "allocated"},
		{"node port in another range", &ports, "{type: NodePort, ports: [{port: 80, nodePort: 40000}]}",
		 "ok SingleStack IPv4 <IPv4>"},
		{"node port outside it", &ports, "{type: NodePort, ports: [{port: 80, nodePort: 30000}]}",
		 "422 spec.ports[0].nodePort: Invalid value: 30000: provided port is not in the valid range. The range of valid "
		 "ports is 40000-40010"},
	};

	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(taken); i++) {
		assert_true(ds_ip_add(&plain.ranges[0].ip, (struct ds_u128){0, i + 1}, &taken[i]));
	}
	assert_int_equal(ds_cidr_parse(DS_STR("10.200.0.0/24"), DS_IP_STRICT, &cidrs[0]), 0);
	assert_int_equal(ds_cidr_parse(DS_STR("fd00::/112"), DS_IP_STRICT, &cidrs[1]), 0);
	objects.service_cidrs = cidrs;
	objects.n_service_cidrs = 2;
	bitmap = objects;
	bitmap.minor = 33;
	plain.taken = full.taken = taken;
	plain.n_taken = DS_ARRAY_SIZE(taken) - 1;
	full.n_taken = DS_ARRAY_SIZE(taken);
	ports.node_port_first = 40000;
	ports.node_port_last = 40010;
	for (size_t i = 0; i < DS_ARRAY_SIZE(cases); i++) {
		_ds_buf_done_ struct ds_buf got = DS_BUF_INIT;
		_ds_ctx_done_ struct ds_ctx ctx = {0};
		struct ds_service svc;
		struct ds_service_outcome o;

		assert_int_equal(ds_ctx_init(&ctx, 0), 0);
		service_decode(&ctx, cases[i].spec, 36, &svc);
		assert_int_equal(ds_service_create(ctx.arena, cases[i].cluster, &svc, NULL, &o), 0);
		service_describe(&got, &o);
		if (strcmp(got.p, cases[i].want) != 0)
			fail_msg("%s: want %s, got %s", cases[i].name, cases[i].want, got.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(wide_ranges),
	    cmocka_unit_test(dry_runs),
	    cmocka_unit_test(node_ports),
		cmocka_unit_test(more_of_the_cluster),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
