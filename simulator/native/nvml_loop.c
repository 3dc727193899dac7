/*
 * A reference reader in C: the cost of the agent's reads without a JVM.
 *
 *   nvml-loop LIBRARY TICKS PERIOD_MS [fast|medium] [bare]
 *
 * Every tick reads every device as the agent does at that cadence: the calls of a table below, in the order and with the
 * field ids of NvmlDevice's readers (FastFields, PowerReader, ThermalReader, ClockReader, LoadReader; MediumFields); the
 * test SameCallsTest of the module benchmarks compares how often each function is called, not order or field ids. A period of 0 means back to back. Prints one line of JSON:
 * wall and processor time, and count, mean, longest duration and last bad result of each call; with "bare", calls are
 * made and nothing is measured of them. Works with the real library as well as with the simulated one.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "abi.h"

#define MAX_DEVICES 64

enum { SCOPE_GPU, SCOPE_MODULE, SCOPE_MEMORY };

struct field {
    unsigned id, scope;
};

static const struct field fast_batch[] = {
    {185, SCOPE_GPU}, {185, SCOPE_MODULE}, {185, SCOPE_MEMORY}, /* power, 1-s average */
    {83, 0},                                                    /* energy */
    {82, 0},                                                    /* memory temperature */
    {74, 0}, {76, 0}, {269, 0}, {270, 0}, {271, 0},             /* nanoseconds under each clock event reason */
    {197, 0}, {198, 0},                                         /* bytes over PCIe */
};

static const struct field medium_batch[] = {
    {230, 0},                                                   /* recovery action */
    {190, SCOPE_GPU}, {192, SCOPE_GPU}, {189, SCOPE_GPU}, {187, SCOPE_GPU}, {188, SCOPE_GPU}, /* limits */
    {190, SCOPE_MODULE}, {192, SCOPE_MODULE}, {189, SCOPE_MODULE}, {187, SCOPE_MODULE}, {188, SCOPE_MODULE},
};

#define LENGTH(array) ((int)(sizeof(array) / sizeof *(array)))
#define MOST_FIELDS 16

/* Filled once, as the agent fills its block once: the library writes beside the ids only. */
static nvmlFieldValue_t values[MOST_FIELDS];

static void fill(const struct field *fields, int count) {
    memset(values, 0, sizeof values);
    for (int i = 0; i < count; i++) {
        values[i].fieldId = fields[i].id;
        values[i].scopeId = fields[i].scope;
    }
}

typedef void (*symbol)(void);

static nvmlReturn_t read_fields(symbol function, nvmlDevice_t device, unsigned count) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, int, nvmlFieldValue_t *))function)(device, (int)count, values);
}

/* Calls of the form (device, out): the argument is a version word to put into the first four bytes, or 0. */
static nvmlReturn_t read_one(symbol function, nvmlDevice_t device, unsigned version) {
    union {
        unsigned version;
        unsigned long long room[16];
    } out = {.room = {0}};
    out.version = version;
    return ((nvmlReturn_t(*)(nvmlDevice_t, void *))function)(device, &out);
}

/* Calls of the form (device, selector, out). */
static nvmlReturn_t read_selected(symbol function, nvmlDevice_t device, unsigned selector) {
    unsigned out;
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned, unsigned *))function)(device, selector, &out);
}

struct call {
    const char *label, *function;
    nvmlReturn_t (*read)(symbol, nvmlDevice_t, unsigned);
    unsigned argument;
    symbol address;
    unsigned long long count, total_ns, longest_ns;
    nvmlReturn_t last_failure;
};

/* One row a call of the tick; a symbol that the library lacks is skipped. */
static struct call fast_calls[] = {
    {"fields12", "nvmlDeviceGetFieldValues", read_fields, LENGTH(fast_batch), 0, 0, 0, 0, 0},
    {"temperature", "nvmlDeviceGetTemperature", read_selected, 0, 0, 0, 0, 0, 0},
    {"margin", "nvmlDeviceGetMarginTemperature", read_one, STRUCT_VERSION(nvmlMarginTemperature_t, 1), 0, 0, 0, 0, 0},
    {"clock_graphics", "nvmlDeviceGetClockInfo", read_selected, 0, 0, 0, 0, 0, 0},
    {"clock_sm", "nvmlDeviceGetClockInfo", read_selected, 1, 0, 0, 0, 0, 0},
    {"clock_memory", "nvmlDeviceGetClockInfo", read_selected, 2, 0, 0, 0, 0, 0},
    {"clock_video", "nvmlDeviceGetClockInfo", read_selected, 3, 0, 0, 0, 0, 0},
    {"clocks_event_reasons", "nvmlDeviceGetCurrentClocksEventReasons", read_one, 0, 0, 0, 0, 0, 0},
    {"utilization", "nvmlDeviceGetUtilizationRates", read_one, 0, 0, 0, 0, 0, 0},
};

static struct call medium_calls[] = {
    {"fields11", "nvmlDeviceGetFieldValues", read_fields, LENGTH(medium_batch), 0, 0, 0, 0, 0},
    {"memory", "nvmlDeviceGetMemoryInfo_v2", read_one, STRUCT_VERSION(nvmlMemory_v2_t, 2), 0, 0, 0, 0, 0},
};

static struct call *calls = fast_calls;
static struct call *calls_end = fast_calls + LENGTH(fast_calls);
static bool bare;

static void choose_medium(void) {
    calls = medium_calls;
    calls_end = medium_calls + LENGTH(medium_calls);
}

static unsigned long long now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long long)now.tv_sec * 1000000000 + (unsigned long long)now.tv_nsec;
}

static void fail(const char *what, const char *why) {
    fprintf(stderr, "nvml-loop: %s: %s\n", what, why);
    exit(1);
}

static symbol find(void *library, const char *name) {
    symbol address;
    *(void **)&address = dlsym(library, name);
    return address;
}

static symbol need(void *library, const char *name) {
    symbol address = find(library, name);
    if (!address)
        fail(name, "missing in the library");
    return address;
}

static void check(const char *what, nvmlReturn_t result) {
    char why[32];
    snprintf(why, sizeof why, "code %d", result);
    if (result != NVML_SUCCESS)
        fail(what, why);
}

static unsigned open_devices(void *library, nvmlDevice_t *devices) {
    unsigned count = 0;
    check("nvmlInit_v2", ((nvmlReturn_t(*)(void))need(library, "nvmlInit_v2"))());
    check("nvmlDeviceGetCount_v2", ((nvmlReturn_t(*)(unsigned *))need(library, "nvmlDeviceGetCount_v2"))(&count));
    count = count < MAX_DEVICES ? count : MAX_DEVICES;
    symbol by_index = need(library, "nvmlDeviceGetHandleByIndex_v2");
    for (unsigned i = 0; i < count; i++)
        check("nvmlDeviceGetHandleByIndex_v2", ((nvmlReturn_t(*)(unsigned, nvmlDevice_t *))by_index)(i, &devices[i]));
    return count;
}

static void make(struct call *call, nvmlDevice_t device) {
    if (!call->address)
        return;
    if (bare) {
        call->read(call->address, device, call->argument);
        call->count++;
        return;
    }
    unsigned long long began = now_ns();
    nvmlReturn_t result = call->read(call->address, device, call->argument);
    unsigned long long took = now_ns() - began;
    call->count++;
    call->total_ns += took;
    if (took > call->longest_ns)
        call->longest_ns = took;
    if (result != NVML_SUCCESS)
        call->last_failure = result;
}

static void sleep_until(unsigned long long deadline_ns) {
    struct timespec until = {.tv_sec = (time_t)(deadline_ns / 1000000000), .tv_nsec = (long)(deadline_ns % 1000000000)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

int main(int argc, char **argv) {
    bool medium = argc > 4 && strcmp(argv[4], "medium") == 0;
    bare = argc > 5 && strcmp(argv[5], "bare") == 0;
    if (argc < 4 || argc > 6 || (argc > 4 && !medium && strcmp(argv[4], "fast") != 0) || (argc > 5 && !bare)) {
        fprintf(stderr, "usage: nvml-loop LIBRARY TICKS PERIOD_MS [fast|medium] [bare]\n");
        return 2;
    }
    if (medium)
        choose_medium();
    fill(medium ? medium_batch : fast_batch, medium ? LENGTH(medium_batch) : LENGTH(fast_batch));
    unsigned long long ticks = strtoull(argv[2], NULL, 10), period_ns = strtoull(argv[3], NULL, 10) * 1000000;
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (!library)
        fail(argv[1], dlerror());
    nvmlDevice_t devices[MAX_DEVICES];
    unsigned count = open_devices(library, devices);
    for (struct call *call = calls; call < calls_end; call++)
        call->address = find(library, call->function);

    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    unsigned long long began = now_ns();
    for (unsigned long long tick = 0; tick < ticks; tick++) {
        for (unsigned i = 0; i < count; i++)
            for (struct call *call = calls; call < calls_end; call++)
                make(call, devices[i]);
        if (period_ns > 0 && tick + 1 < ticks)
            sleep_until(began + (tick + 1) * period_ns);
    }
    double wall = (double)(now_ns() - began) / 1e9;
    getrusage(RUSAGE_SELF, &after);
    ((nvmlReturn_t(*)(void))need(library, "nvmlShutdown"))();

    double user = seconds(after.ru_utime) - seconds(before.ru_utime);
    double system = seconds(after.ru_stime) - seconds(before.ru_stime);
    printf("{\"ticks\":%llu,\"period_ms\":%llu,\"devices\":%u,\"wall_s\":%.6f,\"cpu_user_s\":%.6f,\"cpu_system_s\":%.6f,"
           "\"cpu_us_per_tick\":%.2f,\"calls\":{",
           ticks, period_ns / 1000000, count, wall, user, system, ticks ? (user + system) * 1e6 / (double)ticks : 0);
    for (struct call *call = calls; call < calls_end; call++)
        printf("%s\"%s\":{\"count\":%llu,\"mean_us\":%.3f,\"max_us\":%.1f,\"last_failure\":%d}", call > calls ? "," : "",
               call->label, call->count, call->count ? (double)call->total_ns / 1e3 / (double)call->count : 0,
               (double)call->longest_ns / 1e3, call->last_failure);
    printf("}}\n");
    return 0;
}
