/*
 * Decisions per second of the Service engine, one core. Usage: bench_service [SECONDS].
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/err.h"
#include "service/service.h"

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct ds_service_cluster dual_cluster(void)
{
	struct ds_service_cluster c = {.minor = 36, .n_ranges = 2};

	if (ds_cidr_parse(DS_STR("10.96.0.0/16"), DS_IP_STRICT, &c.ranges[0]) < 0 ||
	    ds_cidr_parse(DS_STR("fd00:10:96::/112"), DS_IP_STRICT, &c.ranges[1]) < 0)
		abort();
	return c;
}

struct workload {
	const char *name;
	struct ds_service service;
	bool accepted;
	bool update;
};

static void run(const struct workload *w, double seconds)
{
	struct ds_arena *arena = ds_arena_new((size_t)64 << 20);
	struct ds_service_cluster cluster = dual_cluster();
	struct ds_service_outcome out;
	struct ds_service before;
	uint64_t n = 0;
	double start, end;

	/* The stored object has an arena of its own, which is never reset. */
	struct ds_arena *kept = ds_arena_new((size_t)1 << 20);

	if (!arena || !kept || ds_service_create(kept, &cluster, &w->service, NULL, &out) < 0)
		abort();
	before = out.object;
	start = end = now();
	while (end - start < seconds) {
		for (unsigned i = 0; i < 1000; i++) {
			int r = w->update ? ds_service_update(arena, &cluster, &before, &w->service, NULL, &out)
					  : ds_service_create(arena, &cluster, &w->service, NULL, &out);

			if (r < 0 || out.accepted != w->accepted)
				abort();
			ds_arena_reset(arena);
		}
		n += 1000;
		end = now();
	}
	(void)printf("%-32s %12.0f decisions/s %8.0f ns each\n", w->name, (double)n / (end - start),
		     (end - start) / (double)n * 1e9);
	(void)ds_arena_free(arena);
	(void)ds_arena_free(kept);
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 1;
	struct ds_service_port port = {.port = 80};
	struct ds_service_pair pair = {DS_STR("app"), DS_STR("web")};
	struct ds_str families[] = {DS_STR("IPv6"), DS_STR("IPv4")};
	struct ds_service plain = {
	    .name = DS_STR("web"),
	    .namespace_ = DS_STR("default"),
	    .selector = {&pair, 1, true},
	    .ports = &port,
	    .n_ports = 1,
	};
	struct ds_service dual = plain, refused = plain, addressed = plain;
	struct ds_str addresses[] = {DS_STR("10.96.3.4"), DS_STR("fd00:10:96::34")};

	dual.ip_family_policy = (struct ds_service_opt){DS_STR("RequireDualStack"), true};
	dual.ip_families = (struct ds_service_list){families, 2, true};
	addressed.ip_family_policy = dual.ip_family_policy;
	addressed.cluster_ip = addresses[0];
	addressed.cluster_ips = (struct ds_service_list){addresses, 2, true};
	refused.ip_families = dual.ip_families;

	const struct workload workloads[] = {
	    {"create, single stack",          plain,     true,  false},
	    {"create, dual stack",            dual,      true,  false},
	    {"create, dual stack, addresses", addressed, true,  false},
	    {"create, refused",               refused,   false, false},
	    {"update, unchanged",             addressed, true,  true },
	};

	for (size_t i = 0; i < DS_ARRAY_SIZE(workloads); i++)
		run(&workloads[i], seconds);
	return 0;
}
