/*
 * Checks the simulator through its public face: a copy of the library in a directory of its own, dlopen, and the control
 * socket. `simulator-self-test [LIBRARY]`; by default the libnvidia-ml.so.1 beside this program. Waits on conditions with
 * a deadline, never for a fixed time. Prints the count of checks; exit 0 when all held.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abi.h"
#include "abi_activity.h"
#include "abi_power_profiles.h"
#include "abi_mig.h"
#include "abi_particulars.h"
#include "abi_system_events.h"

#define DEADLINE_S 10
#define REPLY_SIZE 16384

static int checks, failures;

static void check_at(int line, bool held, const char *what) {
    checks++;
    if (held)
        return;
    failures++;
    fprintf(stderr, "self-test.c:%d: does not hold: %s\n", line, what);
}
#define CHECK(condition) check_at(__LINE__, (condition), #condition)

/* For calls that only prepare a check: counted when they fail, so that polling does not inflate the count. */
#define MUST(condition) ((condition) ? (void)0 : check_at(__LINE__, false, #condition))

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void nap(void) {
    const struct timespec two_ms = {.tv_nsec = 2000000};
    nanosleep(&two_ms, NULL);
}

#define AWAIT(condition)                                                  \
    do {                                                                  \
        double until = now_s() + DEADLINE_S;                              \
        while (!(condition) && now_s() < until)                           \
            nap();                                                        \
        check_at(__LINE__, (condition), "within 10 s: " #condition);      \
    } while (0)

/* ---- a node: a directory, a copy of the library, a control connection ---- */

struct node {
    char directory[64], library_path[96];
    void *library;
    int control;
};

static char source_library[PATH_MAX];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void copy_file(const char *from, const char *to) {
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    if (!in || !out)
        die(in ? to : from);
    char block[65536];
    for (size_t size; (size = fread(block, 1, sizeof block, in)) > 0;)
        if (fwrite(block, 1, size, out) != size)
            die(to);
    fclose(in);
    if (fclose(out) != 0)
        die(to);
}

static struct node open_node_of(const char *name, const char *scenario) {
    struct node node = {.control = -1};
    snprintf(node.directory, sizeof node.directory, "/tmp/nvml-self-test-XXXXXX");
    if (!mkdtemp(node.directory))
        die("mkdtemp");
    snprintf(node.library_path, sizeof node.library_path, "%s/libnvidia-ml.so.1", node.directory);
    copy_file(source_library, node.library_path);
    if (scenario) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", node.directory, name);
        FILE *file = fopen(path, "w");
        if (!file || fputs(scenario, file) < 0 || fclose(file) != 0)
            die(path);
    }
    node.library = dlopen(node.library_path, RTLD_NOW | RTLD_GLOBAL); /* the scope in which JNA opens libraries */
    if (!node.library) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return node;
}

static struct node open_node(const char *scenario) {
    return open_node_of("scenario.conf", scenario);
}

static void connect_control(struct node *node) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/control.sock", node->directory);
    node->control = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(node->control, (struct sockaddr *)&address, sizeof address) != 0)
        die(address.sun_path);
}

static void close_node(struct node *node) {
    static const char *const names[] = {"control.sock", "scenario.conf", "scenario.yaml", "libnvidia-ml.so.1"};
    if (node->control >= 0)
        close(node->control);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", node->directory, names[i]);
        unlink(path);
    }
    rmdir(node->directory);
}

static bool ends_reply(const char *text) {
    size_t length = strlen(text);
    if (length == 0 || text[length - 1] != '\n')
        return false;
    const char *last = text + length - 1;
    while (last > text && last[-1] != '\n')
        last--;
    return strcmp(last, "ok\n") == 0 || strncmp(last, "error: ", 7) == 0;
}

static const char *tell(struct node *node, const char *format, ...) {
    static char reply[REPLY_SIZE];
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    line[length++] = '\n';
    if (send(node->control, line, (size_t)length, MSG_NOSIGNAL) != length)
        die("control");
    size_t size = 0;
    for (reply[0] = '\0'; !ends_reply(reply); reply[size] = '\0') {
        ssize_t received = recv(node->control, reply + size, sizeof reply - 1 - size, 0);
        if (received <= 0)
            die("control");
        size += (size_t)received;
    }
    return reply;
}

static bool told(const char *reply) { return strcmp(reply, "ok\n") == 0; }
#define TELL(...) MUST(told(tell(__VA_ARGS__)))

static double got(struct node *node, unsigned slot, const char *key) {
    const char *reply = tell(node, "get %u %s", slot, key), *equals = strchr(reply, '=');
    MUST(equals != NULL);
    return equals ? strtod(equals + 1, NULL) : NAN;
}

/* ---- typed calls ---- */

static void *find(void *library, const char *name) {
    void *address = dlsym(library, name);
    if (!address) {
        fprintf(stderr, "missing in the library: %s\n", name);
        exit(1);
    }
    return address;
}

/* Each node's library has its own copy of every function. */
static nvmlReturn_t init_v2(struct node *node) {
    return ((nvmlReturn_t(*)(void))find(node->library, "nvmlInit_v2"))();
}

static nvmlReturn_t shutdown_(struct node *node) {
    return ((nvmlReturn_t(*)(void))find(node->library, "nvmlShutdown"))();
}

static nvmlReturn_t deviceGetCount_v2(struct node *node, unsigned *a0) {
    return ((nvmlReturn_t(*)(unsigned *))find(node->library, "nvmlDeviceGetCount_v2"))(a0);
}

static nvmlReturn_t systemGetDriverVersion(struct node *node, char *a0, unsigned a1) {
    return ((nvmlReturn_t(*)(char *, unsigned))find(node->library, "nvmlSystemGetDriverVersion"))(a0, a1);
}

static nvmlReturn_t deviceGetHandleByIndex_v2(struct node *node, unsigned a0, nvmlDevice_t *a1) {
    return ((nvmlReturn_t(*)(unsigned, nvmlDevice_t *))find(node->library, "nvmlDeviceGetHandleByIndex_v2"))(a0, a1);
}

static nvmlReturn_t deviceGetHandleByUUID(struct node *node, const char *a0, nvmlDevice_t *a1) {
    return ((nvmlReturn_t(*)(const char *, nvmlDevice_t *))find(node->library, "nvmlDeviceGetHandleByUUID"))(a0, a1);
}

static nvmlReturn_t deviceGetHandleByPciBusId_v2(struct node *node, const char *a0, nvmlDevice_t *a1) {
    return ((nvmlReturn_t(*)(const char *, nvmlDevice_t *))find(node->library, "nvmlDeviceGetHandleByPciBusId_v2"))(a0, a1);
}

static nvmlReturn_t deviceGetUUID(struct node *node, nvmlDevice_t a0, char *a1, unsigned a2) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, char *, unsigned))find(node->library, "nvmlDeviceGetUUID"))(a0, a1, a2);
}

static nvmlReturn_t deviceGetPciInfo_v3(struct node *node, nvmlDevice_t a0, nvmlPciInfo_t *a1) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, nvmlPciInfo_t *))find(node->library, "nvmlDeviceGetPciInfo_v3"))(a0, a1);
}

static nvmlReturn_t deviceGetPowerUsage(struct node *node, nvmlDevice_t a0, unsigned *a1) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned *))find(node->library, "nvmlDeviceGetPowerUsage"))(a0, a1);
}

static nvmlReturn_t deviceGetTotalEnergyConsumption(struct node *node, nvmlDevice_t a0, unsigned long long *a1) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned long long *))find(node->library, "nvmlDeviceGetTotalEnergyConsumption"))(a0, a1);
}

static nvmlReturn_t deviceGetTemperature(struct node *node, nvmlDevice_t a0, unsigned a1, unsigned *a2) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned, unsigned *))find(node->library, "nvmlDeviceGetTemperature"))(a0, a1, a2);
}

static nvmlReturn_t deviceGetClockInfo(struct node *node, nvmlDevice_t a0, unsigned a1, unsigned *a2) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned, unsigned *))find(node->library, "nvmlDeviceGetClockInfo"))(a0, a1, a2);
}

static nvmlReturn_t deviceGetCurrentClocksEventReasons(struct node *node, nvmlDevice_t a0, unsigned long long *a1) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned long long *))find(node->library, "nvmlDeviceGetCurrentClocksEventReasons"))(a0, a1);
}

static nvmlReturn_t deviceGetEnforcedPowerLimit(struct node *node, nvmlDevice_t a0, unsigned *a1) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned *))find(node->library, "nvmlDeviceGetEnforcedPowerLimit"))(a0, a1);
}

static nvmlReturn_t deviceSetPowerManagementLimit(struct node *node, nvmlDevice_t a0, unsigned a1) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned))find(node->library, "nvmlDeviceSetPowerManagementLimit"))(a0, a1);
}

static nvmlReturn_t deviceGetCurrentProfiles(struct node *node, nvmlDevice_t a0, nvmlWorkloadPowerProfileCurrentProfiles_t *a1) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, nvmlWorkloadPowerProfileCurrentProfiles_t *))find(
        node->library, "nvmlDeviceWorkloadPowerProfileGetCurrentProfiles"))(a0, a1);
}

static nvmlReturn_t deviceUpdateProfiles(struct node *node, nvmlDevice_t a0, nvmlWorkloadPowerProfileUpdateProfiles_v1_t *a1) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, nvmlWorkloadPowerProfileUpdateProfiles_v1_t *))find(
        node->library, "nvmlDeviceWorkloadPowerProfileUpdateProfiles_v1"))(a0, a1);
}

static nvmlReturn_t deviceGetMemoryInfo_v2(struct node *node, nvmlDevice_t a0, nvmlMemory_v2_t *a1) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, nvmlMemory_v2_t *))find(node->library, "nvmlDeviceGetMemoryInfo_v2"))(a0, a1);
}

static nvmlReturn_t deviceGetMarginTemperature(struct node *node, nvmlDevice_t a0, nvmlMarginTemperature_t *a1) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, nvmlMarginTemperature_t *))find(node->library, "nvmlDeviceGetMarginTemperature"))(a0, a1);
}

static nvmlReturn_t deviceGetTemperatureV(struct node *node, nvmlDevice_t a0, nvmlTemperature_t *a1) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, nvmlTemperature_t *))find(node->library, "nvmlDeviceGetTemperatureV"))(a0, a1);
}

static nvmlReturn_t deviceGetComputeRunningProcesses_v3(struct node *node, nvmlDevice_t a0, unsigned *a1, nvmlProcessInfo_t *a2) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned *, nvmlProcessInfo_t *))find(node->library, "nvmlDeviceGetComputeRunningProcesses_v3"))(a0, a1, a2);
}

static nvmlReturn_t deviceGetFieldValues(struct node *node, nvmlDevice_t a0, int a1, nvmlFieldValue_t *a2) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, int, nvmlFieldValue_t *))find(node->library, "nvmlDeviceGetFieldValues"))(a0, a1, a2);
}

static nvmlReturn_t deviceGetTotalEccErrors(struct node *node, nvmlDevice_t a0, unsigned a1, unsigned a2, unsigned long long *a3) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned, unsigned, unsigned long long *))find(node->library, "nvmlDeviceGetTotalEccErrors"))(a0, a1, a2, a3);
}

static nvmlReturn_t deviceGetMigDeviceHandleByIndex(struct node *node, nvmlDevice_t a0, unsigned a1, nvmlDevice_t *a2) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned, nvmlDevice_t *))find(node->library, "nvmlDeviceGetMigDeviceHandleByIndex"))(a0, a1, a2);
}

/* A function of one device and one struct. */
static nvmlReturn_t of_device(struct node *node, const char *name, nvmlDevice_t device, void *out) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, void *))find(node->library, name))(device, out);
}

/* A function of one pointer or one handle. */
static nvmlReturn_t of_one(struct node *node, const char *name, void *argument) {
    return ((nvmlReturn_t(*)(void *))find(node->library, name))(argument);
}

static nvmlReturn_t eventSetCreate(struct node *node, nvmlEventSet_t *a0) {
    return ((nvmlReturn_t(*)(nvmlEventSet_t *))find(node->library, "nvmlEventSetCreate"))(a0);
}

static nvmlReturn_t deviceRegisterEvents(struct node *node, nvmlDevice_t a0, unsigned long long a1, nvmlEventSet_t a2) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned long long, nvmlEventSet_t))find(node->library, "nvmlDeviceRegisterEvents"))(a0, a1, a2);
}

static nvmlReturn_t eventSetWait_v2(struct node *node, nvmlEventSet_t a0, nvmlEventData_t *a1, unsigned a2) {
    return ((nvmlReturn_t(*)(nvmlEventSet_t, nvmlEventData_t *, unsigned))find(node->library, "nvmlEventSetWait_v2"))(a0, a1, a2);
}

static nvmlReturn_t eventSetFree(struct node *node, nvmlEventSet_t a0) {
    return ((nvmlReturn_t(*)(nvmlEventSet_t))find(node->library, "nvmlEventSetFree"))(a0);
}


static nvmlDevice_t device(struct node *node, unsigned index) {
    nvmlDevice_t handle = NULL;
    MUST(deviceGetHandleByIndex_v2(node, index, &handle) == NVML_SUCCESS);
    return handle;
}

static unsigned count(struct node *node) {
    unsigned number = 0;
    MUST(deviceGetCount_v2(node, &number) == NVML_SUCCESS);
    return number;
}

static unsigned power(struct node *node, nvmlDevice_t handle) {
    unsigned milliwatts = 0;
    MUST(deviceGetPowerUsage(node, handle, &milliwatts) == NVML_SUCCESS);
    return milliwatts;
}

static unsigned long long energy(struct node *node, nvmlDevice_t handle) {
    unsigned long long millijoules = 0;
    MUST(deviceGetTotalEnergyConsumption(node, handle, &millijoules) == NVML_SUCCESS);
    return millijoules;
}

static unsigned temperature(struct node *node, nvmlDevice_t handle) {
    unsigned celsius = 0;
    MUST(deviceGetTemperature(node, handle, 0, &celsius) == NVML_SUCCESS);
    return celsius;
}

static unsigned clock_sm(struct node *node, nvmlDevice_t handle) {
    unsigned mhz = 0;
    MUST(deviceGetClockInfo(node, handle, 1, &mhz) == NVML_SUCCESS);
    return mhz;
}

static unsigned long long reasons(struct node *node, nvmlDevice_t handle) {
    unsigned long long bits = 0;
    MUST(deviceGetCurrentClocksEventReasons(node, handle, &bits) == NVML_SUCCESS);
    return bits;
}

static nvmlFieldValue_t field(struct node *node, nvmlDevice_t handle, unsigned id, unsigned scope) {
    nvmlFieldValue_t value = {.fieldId = id, .scopeId = scope};
    MUST(deviceGetFieldValues(node, handle, 1, &value) == NVML_SUCCESS);
    return value;
}

/* ---- the checks ---- */

static struct node ready_node(const char *scenario) {
    struct node node = open_node(scenario);
    CHECK(init_v2(&node) == NVML_SUCCESS);
    connect_control(&node);
    return node;
}

/* Whether the energy counter can have grown at this rate, +-10 %, given when it may have been read. */
static bool energy_grows_at(struct node *node, nvmlDevice_t handle, double watts) {
    double before_first = now_s();
    unsigned long long first = energy(node, handle);
    double after_first = now_s();
    AWAIT(now_s() - after_first > 0.3);
    double before_last = now_s();
    double joules = (double)(energy(node, handle) - first) / 1e3;
    double after_last = now_s();
    return joules / (after_last - before_first) < watts * 1.1 && joules / (before_last - after_first) > watts * 0.9;
}

static void physics_follows_the_limit(void) {
    struct node node = ready_node("load 1\nset all tau_power_ms 50\nset all tau_temperature_ms 100\n");
    nvmlDevice_t gpu = device(&node, 0), other = device(&node, 1);
    AWAIT(power(&node, gpu) > 990000);
    AWAIT(temperature(&node, gpu) >= 69);
    CHECK((reasons(&node, gpu) & REASON_SW_POWER_CAP) == 0);
    unsigned hot = temperature(&node, gpu), fast = clock_sm(&node, gpu);
    CHECK(energy_grows_at(&node, gpu, 1000));
    unsigned long long capped_before = field(&node, gpu, 74, 0).value.ullVal;

    if (geteuid() == 0) {
        CHECK(deviceSetPowerManagementLimit(&node, gpu, 500000) == NVML_SUCCESS);
        CHECK(deviceSetPowerManagementLimit(&node, gpu, 100) == NVML_ERROR_INVALID_ARGUMENT);
    } else {
        CHECK(deviceSetPowerManagementLimit(&node, gpu, 500000) == NVML_ERROR_NO_PERMISSION);
        TELL(&node, "set 0 power_limit_mw 500000");
    }
    unsigned limit = 0;
    CHECK(deviceGetEnforcedPowerLimit(&node, gpu, &limit) == NVML_SUCCESS && limit == 500000);
    CHECK(reasons(&node, gpu) & REASON_SW_POWER_CAP);
    AWAIT(power(&node, gpu) < 510000);
    AWAIT(temperature(&node, gpu) + 15 < hot);
    CHECK(clock_sm(&node, gpu) < fast);
    CHECK(energy_grows_at(&node, gpu, 500));
    CHECK(field(&node, gpu, 74, 0).value.ullVal > capped_before);
    CHECK(power(&node, other) > 990000);

    TELL(&node, "set 0 load 0");
    CHECK(reasons(&node, gpu) == REASON_IDLE);
    AWAIT(power(&node, gpu) < 145000);
    TELL(&node, "set 0 margin_c -2");
    CHECK(reasons(&node, gpu) & REASON_SW_THERMAL);
    unsigned long long slowed = field(&node, gpu, 269, 0).value.ullVal;
    AWAIT(field(&node, gpu, 269, 0).value.ullVal > slowed);
    nvmlMarginTemperature_t margin = {.version = STRUCT_VERSION(nvmlMarginTemperature_t, 1)};
    CHECK(deviceGetMarginTemperature(&node, gpu, &margin) == NVML_SUCCESS && margin.marginTemperature == -2);
    close_node(&node);
}

static void freeze_stops_time(void) {
    struct node node = ready_node("noise 0.01\n");
    nvmlDevice_t gpu = device(&node, 3);
    TELL(&node, "set 3 power_mw 123456");
    TELL(&node, "set 3 clocks_event_reasons 0x1000");
    TELL(&node, "set 3 recovery_action 42");
    TELL(&node, "freeze");
    unsigned long long before = energy(&node, gpu);
    char first[REPLY_SIZE];
    snprintf(first, sizeof first, "%s", tell(&node, "get 2"));
    double from = now_s();
    AWAIT(now_s() - from > 0.2);
    CHECK(strcmp(first, tell(&node, "get 2")) == 0);
    CHECK(energy(&node, gpu) == before);
    CHECK(power(&node, gpu) == 123456);
    CHECK(reasons(&node, gpu) == 0x1000);
    CHECK(field(&node, gpu, 230, 0).value.uiVal == 42);
    TELL(&node, "unfreeze");
    AWAIT(energy(&node, gpu) > before);
    TELL(&node, "set 3 energy_mj 77");
    CHECK(energy(&node, gpu) == 77);
    TELL(&node, "unset 3 energy_mj");
    AWAIT(energy(&node, gpu) > 77);
    CHECK(energy(&node, gpu) < 10000000);
    close_node(&node);
}

struct hung_call {
    struct node *node;
    nvmlDevice_t handle;
    atomic_bool done;
    nvmlReturn_t result;
};

static void *read_power(void *argument) {
    struct hung_call *hung = argument;
    unsigned milliwatts;
    hung->result = deviceGetPowerUsage(hung->node, hung->handle, &milliwatts);
    atomic_store(&hung->done, true);
    return NULL;
}

static double calls_of(struct node *node, const char *function) {
    const char *reply = tell(node, "calls"), *found = strstr(reply, function);
    return found ? strtod(found + strlen(function) + 1, NULL) : 0;
}

static void hang_holds_one_device(void) {
    struct node node = ready_node(NULL);
    nvmlDevice_t gpu = device(&node, 2), other = device(&node, 1);
    struct hung_call hung = {.node = &node, .handle = gpu};
    pthread_t thread;
    TELL(&node, "fault 2 hang");
    pthread_create(&thread, NULL, read_power, &hung);
    AWAIT(calls_of(&node, "nvmlDeviceGetPowerUsage") >= 1);
    CHECK(power(&node, other) > 0);
    CHECK(got(&node, 2, "power_mw") > 0); /* no lock is held by the call that hangs */
    TELL(&node, "set 2 power_mw 5");
    CHECK(shutdown_(&node) == NVML_SUCCESS && init_v2(&node) == NVML_SUCCESS);
    CHECK(!atomic_load(&hung.done));
    TELL(&node, "fault 2 release");
    AWAIT(atomic_load(&hung.done));
    pthread_join(thread, NULL);
    CHECK(hung.result == NVML_SUCCESS);

    TELL(&node, "fault 2 hang nvmlDeviceGetTemperature");
    CHECK(power(&node, gpu) == 5);
    TELL(&node, "fault all release");
    CHECK(temperature(&node, gpu) > 0);

    hung.done = false;
    TELL(&node, "fault all hang");
    pthread_create(&thread, NULL, read_power, &hung);
    AWAIT(calls_of(&node, "nvmlDeviceGetPowerUsage") >= 4);
    CHECK(!atomic_load(&hung.done));
    TELL(&node, "driver unload");
    TELL(&node, "fault all release");
    AWAIT(atomic_load(&hung.done));
    pthread_join(thread, NULL);
    CHECK(hung.result == NVML_ERROR_UNINITIALIZED);
    close_node(&node);
}

static void lost_device_goes_and_returns(void) {
    struct node node = ready_node(NULL);
    nvmlDevice_t gpu = device(&node, 1), last = device(&node, 7), found;
    char uuid[96], again[96];
    unsigned milliwatts;
    unsigned long long errors = 0;
    nvmlPciInfo_t pci;
    CHECK(deviceGetUUID(&node, gpu, uuid, sizeof uuid) == NVML_SUCCESS);
    CHECK(deviceGetPciInfo_v3(&node, gpu, &pci) == NVML_SUCCESS);
    TELL(&node, "fault 1 ecc corrected 9");
    CHECK(deviceGetTotalEccErrors(&node, gpu, 0, 0, &errors) == NVML_SUCCESS && errors == 9);

    TELL(&node, "fault 1 lost");
    CHECK(deviceGetPowerUsage(&node, gpu, &milliwatts) == NVML_ERROR_GPU_IS_LOST);
    CHECK(deviceGetHandleByIndex_v2(&node, 1, &found) == NVML_ERROR_GPU_IS_LOST);
    CHECK(count(&node) == 8);
    CHECK(power(&node, last) > 0);
    TELL(&node, "fault 1 gone");
    CHECK(count(&node) == 7);
    CHECK(deviceGetPowerUsage(&node, gpu, &milliwatts) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(deviceGetHandleByUUID(&node, uuid, &found) == NVML_ERROR_NOT_FOUND);
    CHECK(device(&node, 6) == last);
    CHECK(deviceGetHandleByIndex_v2(&node, 7, &found) == NVML_ERROR_INVALID_ARGUMENT);

    TELL(&node, "fault 1 return");
    CHECK(count(&node) == 8);
    CHECK(deviceGetHandleByUUID(&node, uuid, &found) == NVML_SUCCESS && found != gpu);
    CHECK(device(&node, 1) == found);
    nvmlDevice_t by_bus = NULL;
    CHECK(deviceGetHandleByPciBusId_v2(&node, pci.busId, &by_bus) == NVML_SUCCESS && by_bus == found);
    CHECK(deviceGetUUID(&node, found, again, sizeof again) == NVML_SUCCESS && strcmp(uuid, again) == 0);
    CHECK(deviceGetPowerUsage(&node, gpu, &milliwatts) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(deviceGetTotalEccErrors(&node, found, 0, 0, &errors) == NVML_SUCCESS && errors == 0);
    CHECK(deviceGetTotalEccErrors(&node, found, 0, 1, &errors) == NVML_SUCCESS && errors == 9);

    TELL(&node, "fault 1 lost");
    TELL(&node, "fault 1 return");
    CHECK(deviceGetPowerUsage(&node, found, &milliwatts) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(power(&node, device(&node, 1)) > 0);
    close_node(&node);
}

static void driver_comes_and_goes(void) {
    struct node node = open_node("driver unload\nseed 7\n");
    unsigned number = 0, milliwatts;
    CHECK(deviceGetCount_v2(&node, &number) == NVML_ERROR_UNINITIALIZED);
    CHECK(init_v2(&node) == NVML_ERROR_DRIVER_NOT_LOADED);
    connect_control(&node);
    TELL(&node, "driver load");
    CHECK(deviceGetCount_v2(&node, &number) == NVML_ERROR_UNINITIALIZED);
    CHECK(init_v2(&node) == NVML_SUCCESS);
    nvmlDevice_t gpu = device(&node, 0);
    TELL(&node, "set 0 power_limit_mw 300000");
    TELL(&node, "fault 0 ecc uncorrected 3");
    TELL(&node, "set 0 energy_mj 1000000000000");
    unsigned long long before = energy(&node, gpu), errors = 9;

    TELL(&node, "driver unload");
    CHECK(deviceGetPowerUsage(&node, gpu, &milliwatts) == NVML_ERROR_UNINITIALIZED);
    CHECK(init_v2(&node) == NVML_ERROR_DRIVER_NOT_LOADED);
    TELL(&node, "driver load");
    CHECK(init_v2(&node) == NVML_SUCCESS);
    CHECK(deviceGetPowerUsage(&node, gpu, &milliwatts) == NVML_ERROR_INVALID_ARGUMENT);
    gpu = device(&node, 0);
    CHECK(energy(&node, gpu) < before);
    CHECK(deviceGetEnforcedPowerLimit(&node, gpu, &number) == NVML_SUCCESS && number == 1000000);
    CHECK(deviceGetTotalEccErrors(&node, gpu, 1, 0, &errors) == NVML_SUCCESS && errors == 0);
    CHECK(deviceGetTotalEccErrors(&node, gpu, 1, 1, &errors) == NVML_SUCCESS && errors == 3);
    CHECK(shutdown_(&node) == NVML_SUCCESS);
    CHECK(deviceGetCount_v2(&node, &number) == NVML_ERROR_UNINITIALIZED);
    CHECK(shutdown_(&node) == NVML_SUCCESS);
    close_node(&node);
}

struct waiter {
    struct node *node;
    nvmlEventSet_t set;
    nvmlEventData_t data;
    nvmlReturn_t result;
    atomic_bool done;
};

static void *wait_for_event(void *argument) {
    struct waiter *waiter = argument;
    waiter->result = eventSetWait_v2(waiter->node, waiter->set, &waiter->data, DEADLINE_S * 1000);
    atomic_store(&waiter->done, true);
    return NULL;
}

static void events_are_delivered(void) {
    struct node node = ready_node("freeze\nat 0.1 fault 5 xid 13\n");
    nvmlDevice_t gpu = device(&node, 4), late = device(&node, 5);
    struct waiter waiter = {.node = &node};
    pthread_t thread;
    CHECK(eventSetCreate(&node, &waiter.set) == NVML_SUCCESS);
    CHECK(deviceRegisterEvents(&node, gpu, EVENT_XID, waiter.set) == NVML_SUCCESS);
    CHECK(deviceRegisterEvents(&node, late, EVENT_XID, waiter.set) == NVML_SUCCESS);
    CHECK(deviceRegisterEvents(&node, gpu, 1ULL << 40, waiter.set) == NVML_ERROR_NOT_SUPPORTED);
    pthread_create(&thread, NULL, wait_for_event, &waiter);
    TELL(&node, "unfreeze");
    AWAIT(atomic_load(&waiter.done));
    pthread_join(thread, NULL);
    CHECK(waiter.result == NVML_SUCCESS && waiter.data.device == late && waiter.data.eventData == 13);
    CHECK(waiter.data.gpuInstanceId == 0xFFFFFFFF);

    nvmlEventData_t data;
    CHECK(eventSetWait_v2(&node, waiter.set, &data, 0) == NVML_ERROR_TIMEOUT);
    CHECK(eventSetWait_v2(&node, waiter.set, &data, 20) == NVML_ERROR_TIMEOUT);
    TELL(&node, "fault 4 ecc corrected 1"); /* not registered */
    TELL(&node, "fault 4 xid 119");
    CHECK(eventSetWait_v2(&node, waiter.set, &data, 1000) == NVML_SUCCESS);
    CHECK(data.eventType == EVENT_XID && data.eventData == 119 && data.device == gpu);
    CHECK(eventSetWait_v2(&node, waiter.set, &data, 1000) == NVML_SUCCESS && data.eventData == 154);
    CHECK(field(&node, gpu, 230, 0).value.uiVal == 1);
    CHECK(deviceRegisterEvents(&node, gpu, EVENT_RECOVERY_ACTION, waiter.set) == NVML_SUCCESS);
    TELL(&node, "fault 4 xid 79");
    CHECK(eventSetWait_v2(&node, waiter.set, &data, 1000) == NVML_SUCCESS && data.eventData == 79);
    CHECK(eventSetWait_v2(&node, waiter.set, &data, 1000) == NVML_SUCCESS && data.eventData == 154);
    CHECK(eventSetWait_v2(&node, waiter.set, &data, 1000) == NVML_SUCCESS && data.eventType == EVENT_RECOVERY_ACTION);
    CHECK(eventSetWait_v2(&node, waiter.set, &data, 1000) == NVML_ERROR_GPU_IS_LOST);
    TELL(&node, "fault 4 gone");

    waiter.done = false;
    pthread_create(&thread, NULL, wait_for_event, &waiter);
    AWAIT(calls_of(&node, "nvmlEventSetWait_v2") >= 9);
    CHECK(eventSetFree(&node, waiter.set) == NVML_SUCCESS);
    AWAIT(atomic_load(&waiter.done));
    pthread_join(thread, NULL);
    CHECK(waiter.result == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(eventSetWait_v2(&node, waiter.set, &data, 0) == NVML_ERROR_INVALID_ARGUMENT);
    close_node(&node);
}

static void an_event_names_its_instance(void) {
    struct node node = ready_node("devices 2\nset 0 mig_mode 1\nmig 0 create 3g.90gb 4\nfreeze\n");
    nvmlEventSet_t set;
    nvmlEventData_t data;
    MUST(eventSetCreate(&node, &set) == 0 && deviceRegisterEvents(&node, device(&node, 0), EVENT_XID, set) == 0);
    TELL(&node, "fault 0 xid 43 gi2");
    CHECK(eventSetWait_v2(&node, set, &data, 1000) == NVML_SUCCESS && data.eventData == 43);
    CHECK(data.gpuInstanceId == 2 && data.computeInstanceId == 0xFFFFFFFF);
    TELL(&node, "fault 0 xid 13 gi2ci0");
    CHECK(eventSetWait_v2(&node, set, &data, 1000) == NVML_SUCCESS && data.eventData == 13);
    CHECK(data.gpuInstanceId == 2 && data.computeInstanceId == 0);
    TELL(&node, "fault 0 xid 31");
    CHECK(eventSetWait_v2(&node, set, &data, 1000) == NVML_SUCCESS && data.eventData == 31);
    CHECK(data.gpuInstanceId == 0xFFFFFFFF && data.computeInstanceId == 0xFFFFFFFF);
    CHECK(strncmp(tell(&node, "fault 0 xid 43 gi1"), "error: instance: 'gi1' given", 28) == 0);
    CHECK(strncmp(tell(&node, "fault 0 xid 43 gi2ci1"), "error: instance: 'gi2ci1' given", 31) == 0);
    CHECK(strncmp(tell(&node, "fault all xid 43 gi2"), "error: instance: 'gi2' given", 28) == 0);
    CHECK(eventSetWait_v2(&node, set, &data, 0) == NVML_ERROR_TIMEOUT);
    char path[128], text[4096] = "";
    snprintf(path, sizeof path, "%s/kmsg", node.directory);
    FILE *log = fopen(path, "r");
    MUST(log && fread(text, 1, sizeof text - 1, log) > 0);
    if (log)
        fclose(log);
    CHECK(strstr(text, " GPU-I:02): 43,") && strstr(text, " GPU-I:02 GPU-CI:00): 13,") && strstr(text, ":00): 31,"));
    unlink(path);
    close_node(&node);
}

static nvmlReturn_t wait_for_bindings(struct node *node, nvmlSystemEventSet_t set, nvmlSystemEventData_v1_t *data,
                                      unsigned room, unsigned *number) {
    nvmlSystemEventSetWaitRequest_v1_t request = {
        STRUCT_VERSION(nvmlSystemEventSetWaitRequest_v1_t, 1), 1, set, data, room, 77};
    nvmlReturn_t result = of_one(node, "nvmlSystemEventSetWait", &request);
    *number = request.numEvent;
    return result;
}

static void bindings_are_told(void) {
    struct node node = ready_node("devices 3\nfreeze\n");
    nvmlSystemEventSetCreateRequest_v1_t set = {.version = 1};
    nvmlSystemEventData_v1_t data[4] = {{0}};
    unsigned number;
    CHECK(of_one(&node, "nvmlSystemEventSetCreate", &set) == NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
    CHECK(of_one(&node, "nvmlSystemEventSetCreate", NULL) == NVML_ERROR_INVALID_ARGUMENT);
    set.version = STRUCT_VERSION(nvmlSystemEventSetCreateRequest_v1_t, 1);
    CHECK(of_one(&node, "nvmlSystemEventSetCreate", &set) == NVML_SUCCESS);
    nvmlSystemRegisterEventRequest_v1_t both = {
        STRUCT_VERSION(nvmlSystemRegisterEventRequest_v1_t, 1), SYSTEM_EVENT_BIND | SYSTEM_EVENT_UNBIND, set.set};
    both.eventTypes |= 4;
    CHECK(of_one(&node, "nvmlSystemRegisterEvents", &both) == NVML_ERROR_NOT_SUPPORTED);
    TELL(&node, "fault 0 gone"); /* nobody was registered */
    both.eventTypes = SYSTEM_EVENT_BIND | SYSTEM_EVENT_UNBIND;
    CHECK(of_one(&node, "nvmlSystemRegisterEvents", &both) == NVML_SUCCESS);
    CHECK(wait_for_bindings(&node, set.set, data, 4, &number) == NVML_ERROR_TIMEOUT && number == 0);
    TELL(&node, "fault 0 return");
    TELL(&node, "fault 2 gone");
    TELL(&node, "fault 2 gone"); /* it is gone already */
    CHECK(wait_for_bindings(&node, set.set, data, 4, &number) == NVML_SUCCESS && number == 2);
    CHECK(data[0].eventType == SYSTEM_EVENT_BIND && data[1].eventType == SYSTEM_EVENT_UNBIND);
    CHECK(data[0].gpuId != data[1].gpuId);
    unsigned away = data[1].gpuId;
    TELL(&node, "fault 2 return");
    TELL(&node, "fault 1 lost"); /* it stays bound */
    TELL(&node, "fault 1 return");
    TELL(&node, "fault 1 reset");
    CHECK(wait_for_bindings(&node, set.set, data, 1, &number) == NVML_SUCCESS && number == 1);
    CHECK(data[0].eventType == SYSTEM_EVENT_BIND && data[0].gpuId == away);
    CHECK(wait_for_bindings(&node, set.set, data, 4, &number) == NVML_SUCCESS && number == 2);
    CHECK(data[0].eventType == SYSTEM_EVENT_UNBIND && data[1].eventType == SYSTEM_EVENT_BIND);
    CHECK(wait_for_bindings(&node, set.set, NULL, 4, &number) == NVML_ERROR_INVALID_ARGUMENT);
    TELL(&node, "driver unload");
    CHECK(wait_for_bindings(&node, set.set, data, 4, &number) == NVML_ERROR_UNINITIALIZED);
    TELL(&node, "driver load");
    MUST(init_v2(&node) == NVML_SUCCESS);
    CHECK(of_one(&node, "nvmlSystemEventSetFree", &set) == NVML_SUCCESS);
    CHECK(of_one(&node, "nvmlSystemEventSetFree", &set) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(wait_for_bindings(&node, set.set, data, 4, &number) == NVML_ERROR_INVALID_ARGUMENT);
    close_node(&node);
    struct node older = ready_node("driver_version 570.124.06\n");
    CHECK(of_one(&older, "nvmlSystemEventSetCreate", &set) == NVML_ERROR_FUNCTION_NOT_FOUND);
    close_node(&older);
}

static void slow_and_codes(void) {
    struct node node = ready_node("missing nvmlDeviceGetTemperatureV\n");
    nvmlDevice_t gpu = device(&node, 0);
    unsigned milliwatts;
    TELL(&node, "fault 0 slow 30000");
    double from = now_s();
    power(&node, gpu);
    CHECK(now_s() - from >= 0.03);
    CHECK(field(&node, gpu, 83, 0).latencyUsec >= 30000);
    TELL(&node, "fault 0 slow 50");
    from = now_s();
    power(&node, gpu);
    CHECK(now_s() - from >= 0.00005);
    TELL(&node, "fault all slow 0");
    TELL(&node, "fault 0 code nvmlDeviceGetPowerUsage 999");
    CHECK(deviceGetPowerUsage(&node, gpu, &milliwatts) == NVML_ERROR_UNKNOWN);
    CHECK(power(&node, device(&node, 1)) > 0);
    milliwatts = 7;
    CHECK(deviceGetPowerUsage(&node, gpu, &milliwatts) == NVML_ERROR_UNKNOWN && milliwatts == 7);
    TELL(&node, "poison on");
    CHECK(deviceGetPowerUsage(&node, gpu, &milliwatts) == NVML_ERROR_UNKNOWN && milliwatts == 0x5A5A5A5A);
    TELL(&node, "poison off");
    TELL(&node, "fault 0 code nvmlDeviceGetPowerUsage 0");
    CHECK(power(&node, gpu) > 0);
    CHECK(field(&node, gpu, 83, 0).nvmlReturn == NVML_SUCCESS);
    TELL(&node, "fault 0 field 83 10");
    CHECK(field(&node, gpu, 83, 0).nvmlReturn == NVML_ERROR_TIMEOUT);
    CHECK(field(&node, device(&node, 1), 83, 0).nvmlReturn == NVML_SUCCESS);
    TELL(&node, "fault 0 field 83 0");
    TELL(&node, "fault 0 slow 30000 nvmlDeviceGetPowerUsage");
    from = now_s();
    power(&node, gpu);
    CHECK(now_s() - from >= 0.03);
    TELL(&node, "fault 0 slow 0 nvmlDeviceGetPowerUsage");
    nvmlTemperature_t celsius = {.version = STRUCT_VERSION(nvmlTemperature_t, 1)};
    CHECK(deviceGetTemperatureV(&node, gpu, &celsius) == NVML_ERROR_FUNCTION_NOT_FOUND);
    close_node(&node);
}

static void latencies_are_drawn(void) {
    struct node node = ready_node("latency nvmlDeviceGetPowerUsage 200 20000\n");
    nvmlDevice_t gpu = device(&node, 0);
    double slowest = 0, quickest = 1;
    int above = 0;
    for (int i = 0; i < 300; i++) {
        double from = now_s();
        power(&node, gpu);
        double took = now_s() - from;
        slowest = took > slowest ? took : slowest;
        quickest = took < quickest ? took : quickest;
        above += took > 0.0002;
    }
    CHECK(quickest < 0.002 && slowest > 0.005); /* half the 99th percentile; 300 calls of this seed pass it */
    CHECK(above > 100);
    TELL(&node, "latency nvmlDeviceGetPowerUsage 0 0");
    CHECK(strncmp(tell(&node, "latency all 10 5"), "error: 99th percentile us: 5 given", 34) == 0);
    CHECK(strncmp(tell(&node, "latency all 10"), "error: ", 7) == 0);
    close_node(&node);
}

static void xid_149_is_seen_by_the_neighbours(void) {
    struct node node = ready_node("devices 4\nfreeze\n");
    TELL(&node, "fault 1 xid 149");
    char path[128], text[4096] = "";
    snprintf(path, sizeof path, "%s/kmsg", node.directory);
    FILE *log = fopen(path, "r");
    MUST(log && fread(text, 1, sizeof text - 1, log) > 0);
    if (log)
        fclose(log);
    int own = 0, neighbours = 0;
    for (char *line = text; (line = strstr(line, "Xid (PCI:")); line++) {
        own += strncmp(strchr(line, ')'), "): 149,", 7) == 0;
        neighbours += strncmp(strchr(line, ')'), "): 145,", 7) == 0;
    }
    CHECK(own == 1 && neighbours == 3);
    unlink(path);
    close_node(&node);
    struct node apart = ready_node("profile l40s\nfreeze\n");
    TELL(&apart, "fault 1 xid 149");
    snprintf(path, sizeof path, "%s/kmsg", apart.directory);
    memset(text, 0, sizeof text);
    MUST((log = fopen(path, "r")) && fread(text, 1, sizeof text - 1, log) > 0);
    if (log)
        fclose(log);
    CHECK(strstr(text, "): 149,") && !strstr(text, "): 145,"));
    unlink(path);
    close_node(&apart);
}

static void arguments_are_checked(void) {
    struct node node = ready_node(NULL);
    nvmlDevice_t gpu = device(&node, 0), mig;
    nvmlMemory_v2_t memory = {.version = 0x01000028};
    nvmlMarginTemperature_t margin = {.version = 8};
    nvmlTemperature_t celsius = {.version = 0};
    CHECK(deviceGetMemoryInfo_v2(&node, gpu, &memory) == NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
    CHECK(deviceGetMarginTemperature(&node, gpu, &margin) == NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
    CHECK(deviceGetTemperatureV(&node, gpu, &celsius) == NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
    memory.version = STRUCT_VERSION(nvmlMemory_v2_t, 2);
    CHECK(deviceGetMemoryInfo_v2(&node, gpu, &memory) == NVML_SUCCESS);
    CHECK(memory.total == 183359ULL << 20 && memory.used + memory.free + memory.reserved == memory.total);
    CHECK(deviceGetPowerUsage(&node, gpu, NULL) == NVML_ERROR_INVALID_ARGUMENT);
    unsigned milliwatts;
    CHECK(deviceGetPowerUsage(&node, NULL, &milliwatts) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(deviceGetPowerUsage(&node, &milliwatts, &milliwatts) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(deviceGetMigDeviceHandleByIndex(&node, gpu, 0, &mig) == NVML_ERROR_NOT_SUPPORTED);
    char small[4];
    CHECK(systemGetDriverVersion(&node, small, sizeof small) == NVML_ERROR_INSUFFICIENT_SIZE);

    TELL(&node, "set 0 processes 3");
    TELL(&node, "process 0 add 4242 1048576");
    unsigned number = 0;
    nvmlProcessInfo_t processes[4];
    CHECK(deviceGetComputeRunningProcesses_v3(&node, gpu, &number, NULL) == NVML_ERROR_INSUFFICIENT_SIZE && number == 4);
    CHECK(deviceGetComputeRunningProcesses_v3(&node, gpu, &number, processes) == NVML_SUCCESS && number == 4);
    CHECK(processes[3].pid == 4242 && processes[3].usedGpuMemory == 1048576);
    TELL(&node, "process 0 clear");
    number = 0;
    CHECK(deviceGetComputeRunningProcesses_v3(&node, gpu, &number, NULL) == NVML_SUCCESS && number == 0);

    CHECK(strncmp(tell(&node, "set 9 power_mw 1"), "error: device: '9' given, allowed: a slot 0..7 or all", 52) == 0);
    CHECK(strncmp(tell(&node, "set 0 colour 1"), "error: key: 'colour' given", 26) == 0);
    CHECK(strncmp(tell(&node, "set 0 power_mw -1"), "error: power_mw: '-1' given", 27) == 0);
    CHECK(strncmp(tell(&node, "seed 5"), "error: seed:", 12) == 0);
    CHECK(strstr(tell(&node, "get 0"), "state=present\n") != NULL);
    close_node(&node);
}

static void field_numbers_follow_the_driver(void) {
    struct node now = ready_node("set all reason_ns_hw_thermal 5\nload 0\n");
    struct node between = ready_node("driver_version 575.57.08\nset all reason_ns_hw_thermal 5\nload 0\n");
    struct node before = ready_node("driver_version 570.124.06\nprofile gb200\nset all reason_ns_hw_thermal 5\n");
    nvmlDevice_t gpu = device(&now, 0);
    CHECK(field(&now, gpu, 270, 0).value.ullVal == 5 && field(&now, gpu, 270, 0).valueType == VALUE_UNSIGNED_LONG_LONG);
    CHECK(field(&now, gpu, 252, 0).nvmlReturn == NVML_ERROR_NOT_SUPPORTED);
    CHECK(field(&now, gpu, 185, 1).nvmlReturn == NVML_ERROR_NOT_SUPPORTED);
    CHECK(field(&now, gpu, 9999, 0).nvmlReturn == NVML_ERROR_NOT_SUPPORTED);
    CHECK(field(&now, gpu, 193, 0).valueType == VALUE_SIGNED_INT && field(&now, gpu, 193, 0).value.ullVal == 4294967291);
    CHECK(field(&now, gpu, 91, 0).value.uiVal == 18);
    gpu = device(&between, 0);
    CHECK(field(&between, gpu, 252, 0).value.ullVal == 5);
    CHECK(field(&between, gpu, 270, 0).nvmlReturn == NVML_ERROR_NOT_SUPPORTED);
    gpu = device(&before, 0);
    CHECK(field(&before, gpu, 252, 0).nvmlReturn == NVML_ERROR_NOT_SUPPORTED);
    CHECK(field(&before, gpu, 270, 0).nvmlReturn == NVML_ERROR_NOT_SUPPORTED);
    CHECK(count(&before) == 4);
    CHECK(field(&before, gpu, 185, 1).value.uiVal > field(&before, gpu, 185, 0).value.uiVal);
    close_node(&before);
    close_node(&between);
    close_node(&now);
}

static nvmlReturn_t deviceGetNvLinkState(struct node *node, nvmlDevice_t a0, unsigned a1, unsigned *a2) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned, unsigned *))find(node->library, "nvmlDeviceGetNvLinkState"))(a0, a1, a2);
}

static nvmlReturn_t deviceGetNvLinkRemoteDeviceType(struct node *node, nvmlDevice_t a0, unsigned a1, unsigned *a2) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned, unsigned *))find(node->library,
                                                                      "nvmlDeviceGetNvLinkRemoteDeviceType"))(a0, a1, a2);
}

static nvmlReturn_t deviceGetNvLinkErrorCounter(struct node *node, nvmlDevice_t a0, unsigned a1, unsigned a2,
                                                unsigned long long *a3) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned, unsigned, unsigned long long *))find(
        node->library, "nvmlDeviceGetNvLinkErrorCounter"))(a0, a1, a2, a3);
}

static bool refused_field(struct node *node, nvmlDevice_t gpu, unsigned id, unsigned scope) {
    return field(node, gpu, id, scope).nvmlReturn == NVML_ERROR_NOT_SUPPORTED;
}

static unsigned long long counted(struct node *node, nvmlDevice_t gpu, unsigned id, unsigned scope) {
    nvmlFieldValue_t value = field(node, gpu, id, scope);
    MUST(value.nvmlReturn == NVML_SUCCESS);
    return value.valueType == VALUE_UNSIGNED_INT ? value.value.uiVal : value.value.ullVal;
}

static void links_break_one_by_one(void) {
    struct node node = ready_node("load 1\n");
    nvmlDevice_t gpu = device(&node, 0), other = device(&node, 1);
    unsigned value = 9;
    unsigned long long before = counted(&node, gpu, 202, 3);
    AWAIT(counted(&node, gpu, 202, 3) > before && counted(&node, gpu, 203, 3) > 0 && counted(&node, gpu, 235, 3) > 0);
    TELL(&node, "fault 0 link 3 down");
    CHECK(counted(&node, gpu, 165, 3) == 0 && counted(&node, gpu, 165, 4) == 1 && counted(&node, other, 165, 3) == 1);
    CHECK(deviceGetNvLinkState(&node, gpu, 3, &value) == 0 && value == 0);
    CHECK(deviceGetNvLinkRemoteDeviceType(&node, gpu, 3, &value) == NVML_ERROR_NOT_SUPPORTED);
    CHECK(deviceGetNvLinkRemoteDeviceType(&node, gpu, 4, &value) == 0 && value == 2);
    CHECK(deviceGetNvLinkState(&node, gpu, 18, &value) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(refused_field(&node, gpu, 164, 3) && counted(&node, gpu, 164, 4) == 53125);
    before = counted(&node, gpu, 204, 3);
    unsigned long long running = counted(&node, gpu, 204, 4);
    AWAIT(counted(&node, gpu, 204, 4) > running);
    CHECK(counted(&node, gpu, 204, 3) == before);
    TELL(&node, "fault 0 link 3 sleep");
    CHECK(counted(&node, gpu, 165, 3) == 2 && counted(&node, gpu, 167, 3) == 1);
    TELL(&node, "fault 0 link 3 up");
    CHECK(counted(&node, gpu, 165, 3) == 1);
    TELL(&node, "set 0 link3.state 7");
    CHECK(counted(&node, gpu, 165, 3) == 7);
    TELL(&node, "fault 0 link all down");
    CHECK(counted(&node, gpu, 165, 0) == 0 && counted(&node, gpu, 165, 17) == 0 && refused_field(&node, gpu, 165, 18));
    TELL(&node, "fault 0 reset");
    CHECK(counted(&node, device(&node, 0), 165, 3) == 1 && counted(&node, device(&node, 0), 206, 2) == 0);
    close_node(&node);
}

static void links_count_errors(void) {
    struct node node = ready_node("freeze\ndriver_version 595.45.04\n");
    nvmlDevice_t gpu = device(&node, 0);
    unsigned long long count = 0;
    TELL(&node, "fault 0 link 2 errors malformed 5");
    TELL(&node, "fault 0 link 2 errors malformed 2");
    TELL(&node, "fault 0 link 2 errors recovery_failure 4");
    TELL(&node, "set 0 link2.symbol 11");
    TELL(&node, "set 0 link2.effective_ber 0x30C");
    CHECK(counted(&node, gpu, 206, 2) == 7 && counted(&node, gpu, 206, 1) == 0);
    CHECK(counted(&node, gpu, 214, 2) == 4 && counted(&node, gpu, 215, 2) == 4 && counted(&node, gpu, 213, 2) == 0);
    CHECK(counted(&node, gpu, 221, 2) == 11 && counted(&node, gpu, 220, 2) == 0x30C && counted(&node, gpu, 293, 2) == 0xFFF);
    CHECK(got(&node, 0, "link2.symbol") == 11);
    CHECK(refused_field(&node, gpu, 161, 2) && refused_field(&node, gpu, 163, 2) && refused_field(&node, gpu, 206, 18));
    CHECK(deviceGetNvLinkErrorCounter(&node, gpu, 2, 2, &count) == NVML_ERROR_NOT_SUPPORTED);
    CHECK(refused_field(&node, gpu, 170, 0) && refused_field(&node, gpu, 171, 0) && refused_field(&node, gpu, 231, 0));
    TELL(&node, "unset 0 all");
    CHECK(counted(&node, gpu, 220, 2) == 0xFFF && counted(&node, gpu, 206, 2) == 7);
    CHECK(strstr(tell(&node, "fault 0 link 18 down"), "allowed:") && strstr(tell(&node, "fault 0 link c0 down"), "allowed:"));
    CHECK(strstr(tell(&node, "fault 0 link 2 sideways"), "allowed: down, up, sleep"));
    CHECK(strstr(tell(&node, "fault 0 link 2 errors state 4"), "allowed: malformed"));
    CHECK(strstr(tell(&node, "set 0 link2.colour 4"), "allowed: link<number>.<quantity>"));
    CHECK(strstr(tell(&node, "get 0 link99.state"), "allowed: link<number>.<quantity>"));
    close_node(&node);
}

static void older_links_count_otherwise(void) {
    struct node node = ready_node("profile h100\nload 1\n");
    nvmlDevice_t gpu = device(&node, 0);
    unsigned long long count = 0, before = counted(&node, gpu, 138, UINT32_MAX);
    AWAIT(counted(&node, gpu, 138, UINT32_MAX) > before && counted(&node, gpu, 139, 17) > 0);
    TELL(&node, "freeze");
    TELL(&node, "set 0 link0.transmit_bytes 1048576");
    CHECK(counted(&node, gpu, 138, 0) == 1024 && counted(&node, gpu, 138, UINT32_MAX) > 1024);
    TELL(&node, "fault 0 link 4 errors crc 6");
    CHECK(counted(&node, gpu, 163, 4) == 6 && counted(&node, gpu, 161, 4) == 0);
    CHECK(deviceGetNvLinkErrorCounter(&node, gpu, 4, 2, &count) == 0 && count == 6);
    CHECK(deviceGetNvLinkErrorCounter(&node, gpu, 4, 4, &count) == NVML_ERROR_NOT_SUPPORTED);
    CHECK(deviceGetNvLinkErrorCounter(&node, gpu, 4, 5, &count) == NVML_ERROR_INVALID_ARGUMENT);
    static const unsigned later[] = {201, 202, 204, 206, 213, 215, 220, 222, 235, 293};
    for (size_t i = 0; i < sizeof later / sizeof *later; i++)
        CHECK(refused_field(&node, gpu, later[i], 0));
    close_node(&node);
}

static void a_grace_module_has_links_to_its_processor(void) {
    struct node node = ready_node("profile gb200\nfreeze\nmissing_field 94\n");
    nvmlDevice_t gpu = device(&node, 0);
    CHECK(counted(&node, gpu, 170, 0) == 10 && counted(&node, gpu, 171, 9) == 1 && counted(&node, gpu, 172, 0) == 44712);
    CHECK(refused_field(&node, gpu, 171, 10) && refused_field(&node, gpu, 94, 0));
    TELL(&node, "fault 0 link c4 down");
    TELL(&node, "fault 0 link c4 errors replay 3");
    TELL(&node, "set 0 c2c4.power_state 1");
    CHECK(counted(&node, gpu, 171, 4) == 0 && counted(&node, gpu, 232, 4) == 3 && counted(&node, gpu, 234, 4) == 1);
    CHECK(counted(&node, gpu, 165, 4) == 1);
    close_node(&node);
}

static void pcie_counters_wrap(void) {
    struct node node = ready_node("freeze\n");
    nvmlDevice_t gpu = device(&node, 0);
    TELL(&node, "set 0 pcie_transmit_bytes 4294967301");
    CHECK(counted(&node, gpu, 197, 0) == 5);
    TELL(&node, "set 0 pcie_counter_bits 64");
    CHECK(counted(&node, gpu, 197, 0) == 4294967301);
    TELL(&node, "set 0 pcie_bad_dllp 8");
    TELL(&node, "set 0 pcie_l0_to_recovery 9");
    CHECK(counted(&node, gpu, 178, 0) == 8 && counted(&node, gpu, 169, 0) == 9 && counted(&node, gpu, 182, 0) == 0);
    close_node(&node);
}

static nvmlGpmMetricsGet_t between(nvmlGpmSample_t one, nvmlGpmSample_t two) {
    nvmlGpmMetricsGet_t get = {.version = GPM_VERSION, .numMetrics = 4, .sample1 = one, .sample2 = two};
    get.metrics[0].metricId = 1;
    get.metrics[1].metricId = 10;
    get.metrics[2].metricId = 20;
    get.metrics[3].metricId = 332;
    return get;
}

static void gpm_follows_the_load(void) {
    struct node node = ready_node("driver_version 580.82.07\nload 0.5\n");
    nvmlDevice_t gpu = device(&node, 0);
    nvmlGpmSupport_t support = {.version = GPM_VERSION};
    CHECK(of_device(&node, "nvmlGpmQueryDeviceSupport", gpu, &support) == NVML_SUCCESS && support.isSupportedDevice == 1);
    support.version = 2;
    CHECK(of_device(&node, "nvmlGpmQueryDeviceSupport", gpu, &support) == NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
    nvmlGpmSample_t one, two, other;
    MUST(of_one(&node, "nvmlGpmSampleAlloc", &one) == 0 && of_one(&node, "nvmlGpmSampleAlloc", &two) == 0);
    MUST(of_one(&node, "nvmlGpmSampleAlloc", &other) == 0);
    nvmlGpmMetricsGet_t get = between(one, two);
    CHECK(of_one(&node, "nvmlGpmMetricsGet", &get) == NVML_ERROR_INVALID_ARGUMENT); /* nothing taken yet */
    CHECK(of_device(&node, "nvmlGpmSampleGet", gpu, one) == NVML_SUCCESS);
    CHECK(of_device(&node, "nvmlGpmSampleGet", device(&node, 1), other) == NVML_SUCCESS);
    double until = now_s() + 0.1;
    while (now_s() < until)
        nap();
    CHECK(of_device(&node, "nvmlGpmSampleGet", gpu, two) == NVML_SUCCESS);
    get = between(one, two);
    CHECK(of_one(&node, "nvmlGpmMetricsGet", &get) == NVML_SUCCESS);
    CHECK(get.metrics[0].nvmlReturn == NVML_SUCCESS && fabs(get.metrics[0].value - 50) < 0.01);
    CHECK(get.metrics[1].nvmlReturn == NVML_SUCCESS && fabs(get.metrics[1].value - 30) < 0.01);
    CHECK(get.metrics[2].nvmlReturn == NVML_SUCCESS && fabs(get.metrics[2].value - 0.5e9 / 1048576) < 1);
    CHECK(get.metrics[3].nvmlReturn == NVML_ERROR_INVALID_ARGUMENT); /* R595 only */
    get = between(one, other);
    CHECK(of_one(&node, "nvmlGpmMetricsGet", &get) == NVML_ERROR_INVALID_ARGUMENT); /* of two devices */
    TELL(&node, "freeze");
    TELL(&node, "set 0 gpm_graphics_ppm 123000");
    MUST(of_device(&node, "nvmlGpmSampleGet", gpu, one) == 0 && of_device(&node, "nvmlGpmSampleGet", gpu, two) == 0);
    get = between(one, two);
    CHECK(of_one(&node, "nvmlGpmMetricsGet", &get) == NVML_SUCCESS && fabs(get.metrics[0].value - 12.3) < 1e-9);
    CHECK(of_one(&node, "nvmlGpmSampleFree", one) == NVML_SUCCESS);
    CHECK(of_one(&node, "nvmlGpmSampleFree", one) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(of_device(&node, "nvmlGpmSampleGet", gpu, one) == NVML_ERROR_INVALID_ARGUMENT);
    close_node(&node);

    struct node ada = ready_node("profile l40s\n");
    support = (nvmlGpmSupport_t){.version = GPM_VERSION, .isSupportedDevice = 7};
    CHECK(of_device(&ada, "nvmlGpmQueryDeviceSupport", device(&ada, 0), &support) == 0 && support.isSupportedDevice == 0);
    MUST(of_one(&ada, "nvmlGpmSampleAlloc", &one) == 0);
    CHECK(of_device(&ada, "nvmlGpmSampleGet", device(&ada, 0), one) == NVML_ERROR_NOT_SUPPORTED);
    close_node(&ada);
}

static nvmlGpuFabricInfo_v3_t fabric(struct node *node, unsigned gpu) {
    nvmlGpuFabricInfo_v3_t info = {.version = STRUCT_VERSION(nvmlGpuFabricInfo_v3_t, 3)};
    MUST(of_device(node, "nvmlDeviceGetGpuFabricInfoV", device(node, gpu), &info) == NVML_SUCCESS);
    return info;
}

static nvmlPlatformInfo_t platform(struct node *node, unsigned gpu) {
    nvmlPlatformInfo_t info = {.version = STRUCT_VERSION(nvmlPlatformInfo_t, 2)};
    MUST(of_device(node, "nvmlDeviceGetPlatformInfo", device(node, gpu), &info) == NVML_SUCCESS);
    return info;
}

static void power_profiles_are_judged_by_priority(void) {
    struct node node = ready_node("driver_version 595.45.04\n");
    nvmlDevice_t gpu = device(&node, 0);
    nvmlWorkloadPowerProfileCurrentProfiles_t current = {.version = STRUCT_VERSION(current, 1)};
    CHECK(deviceGetCurrentProfiles(&node, gpu, &current) == NVML_SUCCESS);
    CHECK(current.perfProfilesMask.mask[0] == 0x7fff && current.requestedProfilesMask.mask[0] == 0);
    nvmlWorkloadPowerProfileUpdateProfiles_v1_t update = {.operation = PROFILES_SET, .updateProfilesMask = {{1 << 0 | 1 << 1 | 1 << 7}}};
    if (geteuid() == 0)
        CHECK(deviceUpdateProfiles(&node, gpu, &update) == NVML_SUCCESS);
    else {
        CHECK(deviceUpdateProfiles(&node, gpu, &update) == NVML_ERROR_NO_PERMISSION);
        TELL(&node, "set 0 power_profiles_requested 131");
    }
    CHECK(deviceGetCurrentProfiles(&node, gpu, &current) == NVML_SUCCESS);
    CHECK(current.requestedProfilesMask.mask[0] == 131 && current.enforcedProfilesMask.mask[0] == (1 << 0 | 1 << 7));
    current.version = STRUCT_VERSION(current, 2);
    CHECK(deviceGetCurrentProfiles(&node, gpu, &current) == NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
    CHECK(field(&node, gpu, 258, 0).nvmlReturn == NVML_SUCCESS && field(&node, gpu, 258, 0).value.uiVal == 100);
    TELL(&node, "driver unload");
    TELL(&node, "driver load");
    CHECK(got(&node, 0, "power_profiles_requested") == 0);
    close_node(&node);
}

static void trays_of_a_domain_know_each_other(void) {
    struct node one = ready_node("profile gb200\nseed 1\ntray 3\ndomain 7\n");
    struct node two = ready_node("profile gb200\nseed 2\ntray 12\ndomain 7\n");
    struct node stranger = ready_node("profile gb300\nseed 1\ntray 3\ndomain 8\n");
    static const unsigned char none[FABRIC_UUID_LENGTH];
    nvmlGpuFabricInfo_v3_t mine = fabric(&one, 0), far = fabric(&two, 3), other = fabric(&stranger, 0);
    CHECK(mine.state == 3 && mine.status == 0 && mine.healthMask == 0x1aa && mine.healthSummary == 1);
    CHECK(memcmp(mine.clusterUuid, none, sizeof none) != 0);
    CHECK(memcmp(mine.clusterUuid, far.clusterUuid, sizeof none) == 0 && mine.cliqueId == far.cliqueId);
    CHECK(memcmp(mine.clusterUuid, other.clusterUuid, sizeof none) != 0);
    nvmlPlatformInfo_t here = platform(&one, 1), there = platform(&two, 1);
    CHECK(here.trayIndex == 3 && here.slotNumber == 3 && there.trayIndex == 12 && there.slotNumber == 21);
    CHECK(here.moduleId == 2 && strlen((char *)here.chassisSerialNumber) == 13);
    CHECK(memcmp(here.chassisSerialNumber, there.chassisSerialNumber, sizeof here.chassisSerialNumber) == 0);
    TELL(&one, "set 0 fabric_health_mask 0x1a9");
    CHECK(fabric(&one, 0).healthSummary == 2 && fabric(&one, 1).healthSummary == 1);
    TELL(&one, "fault 2 reset");
    CHECK(fabric(&one, 2).state < 3 && fabric(&one, 1).state == 3);
    AWAIT(fabric(&one, 2).state == 3);
    close_node(&stranger);
    close_node(&two);
    close_node(&one);

    struct node hgx = ready_node("profile h100\ndriver_version 570.124.06\n");
    nvmlGpuFabricInfo_v3_t third = {.version = STRUCT_VERSION(nvmlGpuFabricInfo_v3_t, 3)};
    nvmlGpuFabricInfo_v2_t second = {.version = STRUCT_VERSION(nvmlGpuFabricInfo_v2_t, 2)};
    CHECK(of_device(&hgx, "nvmlDeviceGetGpuFabricInfoV", device(&hgx, 0), &third) == NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
    CHECK(of_device(&hgx, "nvmlDeviceGetGpuFabricInfoV", device(&hgx, 0), &second) == NVML_SUCCESS && second.state == 3);
    CHECK(memcmp(second.clusterUuid, none, sizeof none) == 0);
    nvmlPlatformInfo_t place = {.version = STRUCT_VERSION(nvmlPlatformInfo_t, 2)};
    CHECK(of_device(&hgx, "nvmlDeviceGetPlatformInfo", device(&hgx, 0), &place) == NVML_ERROR_NOT_SUPPORTED);
    close_node(&hgx);
}

static void an_old_driver_lacks_what_came_later(void) {
    struct node old = ready_node("profile old-535\n");
    nvmlDevice_t gpu = device(&old, 0);
    char version[80];
    CHECK(systemGetDriverVersion(&old, version, sizeof version) == NVML_SUCCESS && strcmp(version, "535.261.03") == 0);
    nvmlMarginTemperature_t margin = {.version = STRUCT_VERSION(nvmlMarginTemperature_t, 1)};
    CHECK(deviceGetMarginTemperature(&old, gpu, &margin) == NVML_ERROR_FUNCTION_NOT_FOUND);
    nvmlGpuFabricInfo_t first;
    nvmlGpuFabricInfo_v3_t third = {.version = STRUCT_VERSION(nvmlGpuFabricInfo_v3_t, 3)};
    CHECK(of_device(&old, "nvmlDeviceGetGpuFabricInfoV", gpu, &third) == NVML_ERROR_FUNCTION_NOT_FOUND);
    CHECK(of_device(&old, "nvmlDeviceGetGpuFabricInfo", gpu, &first) == NVML_SUCCESS && first.state == 3);
    CHECK(field(&old, gpu, 185, 0).nvmlReturn == NVML_SUCCESS);
    CHECK(field(&old, gpu, 197, 0).nvmlReturn == NVML_ERROR_NOT_SUPPORTED);
    CHECK(field(&old, gpu, 230, 0).nvmlReturn == NVML_ERROR_NOT_SUPPORTED);
    close_node(&old);
}

static unsigned repair_of(struct node *node, nvmlDevice_t gpu, nvmlReturn_t *result) {
    nvmlRepairStatus_t status = {.version = STRUCT_VERSION(nvmlRepairStatus_t, 1)};
    *result = of_device(node, "nvmlDeviceGetRepairStatus", gpu, &status);
    return *result == NVML_SUCCESS ? status.bChannelRepairPending * 2 + status.bTpcRepairPending : 99;
}

static void repairs_and_spares_are_told(void) {
    struct node node = ready_node("driver_version 595.45.04\nfreeze\n");
    nvmlDevice_t gpu = device(&node, 3);
    nvmlReturn_t result;
    CHECK(repair_of(&node, gpu, &result) == 0);
    TELL(&node, "set 3 repair_tpc_pending 1");
    CHECK(repair_of(&node, gpu, &result) == 1 && repair_of(&node, device(&node, 2), &result) == 0);
    nvmlUnrepairableMemoryStatus_v1_t memory = {7};
    CHECK(of_device(&node, "nvmlDeviceGetUnrepairableMemoryFlag_v1", gpu, &memory) == NVML_SUCCESS && memory.bUnrepairableMemory == 0);
    TELL(&node, "set 3 memory_unrepairable 1");
    CHECK(of_device(&node, "nvmlDeviceGetUnrepairableMemoryFlag_v1", gpu, &memory) == NVML_SUCCESS && memory.bUnrepairableMemory == 1);
    nvmlRowRemapperHistogramValues_t banks;
    TELL(&node, "set 3 remapped_uncorrectable 5");
    TELL(&node, "set 3 banks_none 2");
    CHECK(of_device(&node, "nvmlDeviceGetRowRemapperHistogram", gpu, &banks) == NVML_SUCCESS);
    CHECK(banks.max == 4091 && banks.high == 5 && banks.partial == 0 && banks.low == 0 && banks.none == 2);
    nvmlEccSramErrorStatus_t sram = {.version = STRUCT_VERSION(nvmlEccSramErrorStatus_t, 1)};
    TELL(&node, "set 3 sram_errors_mcu 9");
    CHECK(of_device(&node, "nvmlDeviceGetSramEccErrorStatus", gpu, &sram) == NVML_SUCCESS);
    CHECK(sram.aggregateUncBucketMcu == 9 && sram.aggregateUncBucketSm == 0 && sram.aggregateUncBucketOther == 0);
    close_node(&node);

    struct node older = ready_node("driver_version 580.82.07\n");
    CHECK(repair_of(&older, device(&older, 0), &result) == 0);
    CHECK(of_device(&older, "nvmlDeviceGetUnrepairableMemoryFlag_v1", device(&older, 0), &memory) == NVML_ERROR_FUNCTION_NOT_FOUND);
    close_node(&older);
    struct node oldest = ready_node("driver_version 570.124.06\n");
    CHECK(repair_of(&oldest, device(&oldest, 0), &result) == 99 && result == NVML_ERROR_FUNCTION_NOT_FOUND);
    close_node(&oldest);
}

static unsigned u32_of(struct node *node, const char *name, nvmlDevice_t handle);

static void confidential_computing_is_of_the_node(void) {
    struct node node = ready_node("driver_version 595.45.04\nset 0 cc_unprotected_bytes 1073741824\n");
    nvmlConfComputeSystemState_t state;
    nvmlSystemConfComputeSettings_t settings = {.version = STRUCT_VERSION(nvmlSystemConfComputeSettings_t, 1)};
    nvmlConfComputeMemSizeInfo_t sizes;
    nvmlMemory_t usage;
    unsigned ready = 7;
    CHECK(of_one(&node, "nvmlSystemGetConfComputeState", &state) == NVML_SUCCESS && state.ccFeature == 0);
    CHECK(of_device(&node, "nvmlDeviceGetConfComputeMemSizeInfo", device(&node, 0), &sizes) == NVML_ERROR_NOT_SUPPORTED);
    TELL(&node, "confidential feature 1");
    TELL(&node, "confidential devtools 1");
    TELL(&node, "confidential multi_gpu 2");
    TELL(&node, "confidential ready 1");
    CHECK(of_one(&node, "nvmlSystemGetConfComputeState", &state) == NVML_SUCCESS && state.ccFeature == 1 && state.devToolsMode == 1);
    CHECK(of_one(&node, "nvmlSystemGetConfComputeSettings", &settings) == NVML_SUCCESS && settings.multiGpuMode == 2);
    CHECK(of_one(&node, "nvmlSystemGetConfComputeGpusReadyState", &ready) == NVML_SUCCESS && ready == 1);
    CHECK(of_device(&node, "nvmlDeviceGetConfComputeMemSizeInfo", device(&node, 0), &sizes) == NVML_SUCCESS);
    CHECK(sizes.unprotectedMemSizeKib == 1 << 20);
    TELL(&node, "set 1 cc_protected_used_bytes 4096");
    CHECK(of_device(&node, "nvmlDeviceGetConfComputeProtectedMemoryUsage", device(&node, 1), &usage) == NVML_SUCCESS);
    CHECK(usage.used == 4096 && usage.free == usage.total - 4096);
    settings.version = STRUCT_VERSION(nvmlSystemConfComputeSettings_t, 2);
    CHECK(of_one(&node, "nvmlSystemGetConfComputeSettings", &settings) == NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
    CHECK(strstr(tell(&node, "confidential"), "multi_gpu=2\n") != NULL);
    CHECK(strncmp(tell(&node, "confidential colour 1"), "error: confidential: 'colour' given", 35) == 0);
    CHECK(strncmp(tell(&node, "confidential feature many"), "error: feature: 'many' given", 28) == 0);
    close_node(&node);
    struct node old = ready_node("profile old-535\n");
    settings.version = STRUCT_VERSION(nvmlSystemConfComputeSettings_t, 1);
    CHECK(of_one(&old, "nvmlSystemGetConfComputeSettings", &settings) == NVML_ERROR_FUNCTION_NOT_FOUND);
    CHECK(of_one(&old, "nvmlSystemGetConfComputeState", &state) == NVML_SUCCESS);
    close_node(&old);
}

static nvmlReturn_t account(struct node *node, nvmlDevice_t gpu, unsigned pid, nvmlAccountingStats_t *to) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, unsigned, nvmlAccountingStats_t *))find(
        node->library, "nvmlDeviceGetAccountingStats"))(gpu, pid, to);
}

static void accounts_are_kept_while_the_mode_is_on(void) {
    struct node node = ready_node("driver_version 610.43.02\n");
    nvmlDevice_t gpu = device(&node, 2);
    nvmlAccountingStats_t stats;
    TELL(&node, "process 2 add 4001 1000");
    CHECK(account(&node, gpu, 4001, &stats) == NVML_ERROR_NOT_SUPPORTED);
    TELL(&node, "set 2 accounting_mode 1");
    CHECK(u32_of(&node, "nvmlDeviceGetAccountingMode", gpu) == 1);
    CHECK(u32_of(&node, "nvmlDeviceGetAccountingMode", device(&node, 1)) == 0);
    CHECK(account(&node, gpu, 4001, &stats) == NVML_SUCCESS && stats.maxMemoryUsage == 1000 && stats.isRunning == 1);
    CHECK(stats.startTime > 1500000000000000ULL && stats.time == 0);
    TELL(&node, "process 2 account 4001 5000 42");
    CHECK(account(&node, gpu, 4001, &stats) == NVML_SUCCESS && stats.maxMemoryUsage == 5000 && stats.gpuUtilization == 42);
    nvmlAccountingStats_v2_t second = {.pid = 4001};
    CHECK(of_device(&node, "nvmlDeviceGetAccountingStats_v2", gpu, &second) == NVML_SUCCESS && second.maxMemoryUsage == 5000);
    CHECK(account(&node, gpu, 4002, &stats) == NVML_ERROR_NOT_FOUND);
    CHECK(strncmp(tell(&node, "process 2 account 4002 1 1"), "error: PID: 4002 given", 22) == 0);
    TELL(&node, "driver unload");
    TELL(&node, "driver load");
    CHECK(got(&node, 2, "accounting_mode") == 0);
    close_node(&node);
}

static nvmlReturn_t of_pair(struct node *node, nvmlDevice_t one, nvmlDevice_t other, unsigned *level) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, nvmlDevice_t, unsigned *))find(
        node->library, "nvmlDeviceGetTopologyCommonAncestor"))(one, other, level);
}

static nvmlReturn_t peer_status(struct node *node, nvmlDevice_t one, nvmlDevice_t other, unsigned capability, unsigned *status) {
    return ((nvmlReturn_t(*)(nvmlDevice_t, nvmlDevice_t, unsigned, unsigned *))find(
        node->library, "nvmlDeviceGetP2PStatus"))(one, other, capability, status);
}

static void devices_know_their_way_to_each_other(void) {
    struct node node = ready_node("driver_version 595.45.04\n");
    nvmlDevice_t first = device(&node, 0), second = device(&node, 1), far = device(&node, 7);
    unsigned way;
    CHECK(of_pair(&node, first, second, &way) == NVML_SUCCESS && way == 40);
    CHECK(of_pair(&node, first, far, &way) == NVML_SUCCESS && way == 50);
    TELL(&node, "set 0 topology_level 10");
    CHECK(of_pair(&node, first, far, &way) == NVML_SUCCESS && way == 10);
    CHECK(peer_status(&node, first, far, 2, &way) == NVML_SUCCESS && way == 0);
    TELL(&node, "set 7 p2p_nvlink_status 4");
    CHECK(peer_status(&node, first, far, 2, &way) == NVML_SUCCESS && way == 4);
    CHECK(peer_status(&node, first, far, 0, &way) == NVML_SUCCESS && way == 0);
    TELL(&node, "fault 7 lost");
    CHECK(of_pair(&node, first, far, &way) == NVML_ERROR_GPU_IS_LOST);
    CHECK(peer_status(&node, first, far, 2, &way) == NVML_ERROR_GPU_IS_LOST);
    TELL(&node, "fault 7 reset");
    CHECK(of_pair(&node, first, device(&node, 7), &way) == NVML_SUCCESS);
    CHECK(peer_status(&node, first, far, 5, &way) == NVML_ERROR_INVALID_ARGUMENT);
    nvmlDeviceAddressingMode_t mode = {.version = STRUCT_VERSION(nvmlDeviceAddressingMode_t, 1)};
    CHECK(of_device(&node, "nvmlDeviceGetAddressingMode", first, &mode) == NVML_SUCCESS && mode.value == 1);
    nvmlNvLinkInfo_t info = {.version = STRUCT_VERSION(nvmlNvLinkInfo_t, 2)};
    TELL(&node, "set 0 link_encryption 1");
    CHECK(of_device(&node, "nvmlDeviceGetNvLinkInfo", first, &info) == NVML_SUCCESS && info.isNvleEnabled == 1);
    CHECK(info.firmwareInfo.numValidEntries == 6 && info.firmwareInfo.firmwareVersion[1].ucodeType == 2);
    nvmlNvLinkInfo_v1_t small[2] = {{.version = STRUCT_VERSION(nvmlNvLinkInfo_v1_t, 1)}, {.version = 77}};
    CHECK(of_device(&node, "nvmlDeviceGetNvLinkInfo", second, small) == NVML_SUCCESS && small[0].isNvleEnabled == 0);
    CHECK(small[1].version == 77); /* nothing is written beyond the older struct */
    nvmlNvlinkGetBwMode_t bandwidth = {.version = STRUCT_VERSION(nvmlNvlinkGetBwMode_t, 1)};
    CHECK(of_device(&node, "nvmlDeviceGetNvlinkBwMode", first, &bandwidth) == NVML_SUCCESS && bandwidth.bIsBest == 1);
    nvmlC2cModeInfo_v1_t c2c;
    CHECK(of_device(&node, "nvmlDeviceGetC2cModeInfoV", first, &c2c) == NVML_SUCCESS && c2c.isC2cEnabled == 0);
    TELL(&node, "set 0 power_smoothing_floor_w 321");
    CHECK(field(&node, first, 255, 0).value.uiVal == 321 && field(&node, first, 254, 0).value.uiVal == 1000);
    close_node(&node);
    struct node card = ready_node("profile l40s\n");
    unsigned module = 0;
    CHECK(of_device(&card, "nvmlDeviceGetModuleId", device(&card, 0), &module) == NVML_ERROR_NOT_SUPPORTED);
    close_node(&card);
}

/* The counter that covers the module grows with the module's power. */
static void energy_is_of_its_scope(void) {
    struct node node = ready_node("profile gb300\ndevices 2\nload 1\nset 1 energy_scope 0\n");
    TELL(&node, "freeze");
    double gpu = (double)got(&node, 1, "energy_mj"), module = (double)got(&node, 0, "energy_mj");
    TELL(&node, "unfreeze");
    AWAIT((double)got(&node, 1, "energy_mj") > gpu + 1000);
    TELL(&node, "freeze");
    double by_gpu = (double)got(&node, 1, "energy_mj") - gpu, by_module = (double)got(&node, 0, "energy_mj") - module;
    CHECK(by_gpu > 0 && by_module > 1.8 * by_gpu);
    close_node(&node);
}

static void stale_socket_is_replaced(void) {
    struct node node = open_node("profile h100\n");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/control.sock", node.directory);
    int dead = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(dead, (struct sockaddr *)&address, sizeof address) == 0);
    close(dead);
    CHECK(init_v2(&node) == NVML_SUCCESS);
    connect_control(&node);
    CHECK(got(&node, 7, "power_limit_max_mw") == 700000);
    close_node(&node);
}

static void copies_are_separate_worlds(void) {
    struct node one = ready_node("devices 2\nload 0\n"), two = ready_node("devices 64\nload 0\n");
    CHECK(count(&one) == 2 && count(&two) == 64);
    TELL(&one, "set 0 power_mw 1111");
    CHECK(power(&one, device(&one, 0)) == 1111 && power(&two, device(&two, 0)) != 1111);
    struct stat status;
    char path[128];
    snprintf(path, sizeof path, "%s/control.sock", one.directory);
    CHECK(stat(path, &status) == 0 && (status.st_mode & 0777) == 0600);
    CHECK(find(one.library, "millwrightSimulatorVersion") != find(two.library, "millwrightSimulatorVersion"));

    pid_t child = fork();
    if (child == 0) { /* a second process with the same library leaves the socket alone */
        char *const arguments[] = {"simulator-self-test", "--read-once", one.library_path, NULL};
        execv("/proc/self/exe", arguments);
        _exit(127);
    }
    int ended = -1;
    waitpid(child, &ended, 0);
    CHECK(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
    TELL(&one, "set 0 power_mw 2222");
    int reconnected = one.control;
    connect_control(&one);
    close(reconnected);
    CHECK(got(&one, 0, "power_mw") == 2222);
    close_node(&two);
    close_node(&one);
}

/* Another connection to the same node. */
static struct node connection(struct node *node) {
    struct node other = *node;
    connect_control(&other);
    return other;
}

static unsigned listed(struct node *node, unsigned index) {
    nvmlProcessInfo_t processes[8];
    unsigned number = 8;
    MUST(deviceGetComputeRunningProcesses_v3(node, device(node, index), &number, processes) == NVML_SUCCESS);
    return number;
}

static void holds_end_with_their_connection(void) {
    struct node node = ready_node("profile b200\nload 0.1\nset all tau_power_ms 20\n");
    struct node one = connection(&node), two = connection(&node);
    TELL(&node, "process 0 add 77 1024");
    TELL(&one, "hold 0 load 0.3");
    TELL(&one, "hold 0 load 0.6");
    TELL(&one, "hold all process 4242 1048576");
    CHECK(got(&node, 0, "load") == 0.6 && got(&node, 1, "load") == 0.1);
    CHECK(listed(&node, 0) == 2 && listed(&node, 7) == 1);
    TELL(&two, "hold 0 load 0.7");
    CHECK(got(&node, 0, "load") == 1);
    AWAIT(power(&node, device(&node, 0)) > 990000);
    close(one.control);
    AWAIT(got(&node, 0, "load") == 0.7);
    CHECK(listed(&node, 0) == 1 && listed(&node, 7) == 0);
    TELL(&node, "set 0 load 0.9");
    CHECK(got(&node, 0, "load") == 0.9);
    close(two.control);
    TELL(&node, "set 0 load 0.1");
    AWAIT(got(&node, 0, "load") == 0.1);
    AWAIT(power(&node, device(&node, 0)) < 230000);
    CHECK(strncmp(tell(&node, "hold 0 load 2"), "error: load: '2' given", 22) == 0);
    CHECK(strncmp(tell(&node, "hold 0 power 2"), "error: hold: 'power' given", 26) == 0);
    CHECK(strncmp(tell(&node, "hold 0"), "error: hold: 2 words given", 26) == 0);
    for (int i = 0; i < 100; i++) { /* more than there are places */
        struct node brief = connection(&node);
        TELL(&brief, "hold 1 load 0.5");
        close(brief.control);
    }
    AWAIT(got(&node, 1, "load") == 0.1);
    close_node(&node);
}

/* A program killed in its work leaves the devices idle. */
static void loading_program_leaves_nothing(void) {
    char nodes[] = "/tmp/nvml-self-test-nodes-XXXXXX", link[64]; /* other nodes of this machine may have the same UUIDs */
    struct node node = ready_node("profile h100\nload 0\nset all tau_power_ms 20\n");
    char uuid[2][96], devices[200], program[PATH_MAX + 32], *slash;
    for (unsigned i = 0; i < 2; i++)
        MUST(deviceGetUUID(&node, device(&node, i + 2), uuid[i], sizeof uuid[i]) == NVML_SUCCESS);
    snprintf(devices, sizeof devices, "%s,%s", uuid[0], uuid[1]);
    snprintf(program, sizeof program, "%s", source_library);
    if ((slash = strrchr(program, '/')))
        strcpy(slash + 1, "millwright-load");
    if (access(program, X_OK) != 0) { /* another library than the one beside its companions */
        close_node(&node);
        return;
    }
    MUST(mkdtemp(nodes));
    snprintf(link, sizeof link, "%s/node", nodes);
    MUST(symlink(node.directory, link) == 0);
    pid_t child = fork();
    if (child == 0) {
        setenv("CUDA_VISIBLE_DEVICES", devices, 1);
        if (freopen("/dev/null", "w", stdout))
            execl(program, program, nodes, "600", "1", (char *)NULL);
        _exit(127);
    }
    AWAIT(power(&node, device(&node, 2)) > 690000 && power(&node, device(&node, 3)) > 690000);
    CHECK(got(&node, 1, "load") == 0 && got(&node, 4, "load") == 0);
    CHECK(listed(&node, 2) == 1 && listed(&node, 3) == 1 && listed(&node, 4) == 0);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    AWAIT(got(&node, 2, "load") == 0 && got(&node, 3, "load") == 0);
    AWAIT(power(&node, device(&node, 2)) < 80000);
    CHECK(listed(&node, 2) == 0);
    unlink(link);
    rmdir(nodes);
    close_node(&node);
}

/* ---- MIG ---- */

#define CALL(node, name, signature, ...) (((nvmlReturn_t(*) signature)find((node)->library, name))(__VA_ARGS__))

static nvmlReturn_t set_mig_mode(struct node *node, nvmlDevice_t gpu, unsigned mode, nvmlReturn_t *activation) {
    return CALL(node, "nvmlDeviceSetMigMode", (nvmlDevice_t, unsigned, nvmlReturn_t *), gpu, mode, activation);
}

static nvmlReturn_t create_at(struct node *node, nvmlDevice_t gpu, unsigned id, unsigned start, unsigned size,
                              nvmlGpuInstance_t *to) {
    nvmlGpuInstancePlacement_t placement = {start, size};
    return CALL(node, "nvmlDeviceCreateGpuInstanceWithPlacement",
                (nvmlDevice_t, unsigned, const nvmlGpuInstancePlacement_t *, nvmlGpuInstance_t *), gpu, id, &placement, to);
}

static nvmlReturn_t create(struct node *node, nvmlDevice_t gpu, unsigned id, nvmlGpuInstance_t *to) {
    return CALL(node, "nvmlDeviceCreateGpuInstance", (nvmlDevice_t, unsigned, nvmlGpuInstance_t *), gpu, id, to);
}

static nvmlReturn_t create_compute(struct node *node, nvmlGpuInstance_t within, unsigned id, nvmlComputeInstance_t *to) {
    return CALL(node, "nvmlGpuInstanceCreateComputeInstance", (nvmlGpuInstance_t, unsigned, nvmlComputeInstance_t *), within,
                id, to);
}

static unsigned room(struct node *node, nvmlDevice_t gpu, unsigned id) {
    unsigned places = 99;
    MUST(CALL(node, "nvmlDeviceGetGpuInstanceRemainingCapacity", (nvmlDevice_t, unsigned, unsigned *), gpu, id, &places) == 0);
    return places;
}

static unsigned u32_of(struct node *node, const char *name, nvmlDevice_t handle) {
    unsigned value = 0x5A5A5A5A;
    MUST(of_device(node, name, handle, &value) == NVML_SUCCESS);
    return value;
}

/* Whoever is not root is refused and sees the rest through the commands. */
static void a_device_is_divided(void) {
    struct node node = ready_node("profile b200\nload 0.5\n");
    nvmlDevice_t gpu = device(&node, 2), mig = NULL;
    nvmlReturn_t activation = 77;
    unsigned modes[2] = {9, 9};
    if (geteuid() != 0) {
        CHECK(set_mig_mode(&node, gpu, 1, &activation) == NVML_ERROR_NO_PERMISSION && activation == 77);
        close_node(&node);
        return;
    }
    nvmlEventSet_t set;
    nvmlEventData_t event;
    MUST(eventSetCreate(&node, &set) == 0 && deviceRegisterEvents(&node, gpu, 0x100, set) == 0);
    CHECK(u32_of(&node, "nvmlDeviceGetMaxMigDeviceCount", gpu) == 0);
    TELL(&node, "process 2 add 4242 1048576");
    CHECK(set_mig_mode(&node, gpu, 1, &activation) == NVML_SUCCESS && activation == NVML_ERROR_IN_USE);
    CHECK(CALL(&node, "nvmlDeviceGetMigMode", (nvmlDevice_t, unsigned *, unsigned *), gpu, &modes[0], &modes[1]) == 0);
    CHECK(modes[0] == 0 && modes[1] == 1);
    TELL(&node, "process 2 clear");
    CHECK(set_mig_mode(&node, gpu, 1, &activation) == NVML_SUCCESS && activation == NVML_SUCCESS);
    CHECK(set_mig_mode(&node, gpu, 2, &activation) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(eventSetWait_v2(&node, set, &event, 1000) == NVML_SUCCESS && event.eventType == 0x100 && event.device == gpu);
    CHECK(u32_of(&node, "nvmlDeviceGetMaxMigDeviceCount", gpu) == 7);
    CHECK(deviceGetMigDeviceHandleByIndex(&node, gpu, 0, &mig) == NVML_ERROR_NOT_FOUND);
    CHECK(deviceGetMigDeviceHandleByIndex(&node, gpu, 7, &mig) == NVML_ERROR_INVALID_ARGUMENT);

    nvmlGpuInstance_t half, eighth;
    nvmlComputeInstance_t first, second, whole;
    CHECK(create_at(&node, gpu, 9, 4, 4, &half) == NVML_SUCCESS);
    CHECK(create(&node, gpu, 19, &eighth) == NVML_SUCCESS);
    CHECK(deviceGetMigDeviceHandleByIndex(&node, gpu, 0, &mig) == NVML_ERROR_NOT_FOUND); /* no compute instance yet */
    CHECK(create_compute(&node, half, 0, &first) == NVML_SUCCESS);
    CHECK(create_compute(&node, half, 1, &second) == NVML_ERROR_INSUFFICIENT_RESOURCES); /* two slices begin at the first only */
    CHECK(create_compute(&node, half, 0, &second) == NVML_SUCCESS);
    CHECK(create_compute(&node, eighth, 1, &whole) == NVML_ERROR_NOT_SUPPORTED);
    CHECK(create_compute(&node, eighth, 0, &whole) == NVML_SUCCESS);
    CHECK(eventSetWait_v2(&node, set, &event, 1000) == NVML_SUCCESS && event.eventType == 0x100);

    char name[96], uuid[96];
    CHECK(deviceGetMigDeviceHandleByIndex(&node, gpu, 2, &mig) == NVML_SUCCESS);
    CHECK(of_device(&node, "nvmlDeviceIsMigDeviceHandle", mig, modes) == 0 && modes[0] == 1);
    CHECK(of_device(&node, "nvmlDeviceIsMigDeviceHandle", gpu, modes) == 0 && modes[0] == 0);
    CHECK(u32_of(&node, "nvmlDeviceGetIndex", mig) == 2 && u32_of(&node, "nvmlDeviceGetComputeInstanceId", mig) == 0);
    CHECK(u32_of(&node, "nvmlDeviceGetGpuInstanceId", mig) == 10); /* the last of the first half: 3:1 */
    CHECK(of_device(&node, "nvmlDeviceGetGpuInstanceId", gpu, modes) == NVML_ERROR_NOT_SUPPORTED);
    CHECK(CALL(&node, "nvmlDeviceGetName", (nvmlDevice_t, char *, unsigned), mig, name, 96) == 0);
    CHECK(strcmp(name, "NVIDIA B200 MIG 1g.23gb") == 0);
    CHECK(deviceGetUUID(&node, mig, uuid, 96) == 0 && strncmp(uuid, "MIG-", 4) == 0 && strlen(uuid) == 40);
    nvmlDevice_t again = NULL, parent = NULL;
    CHECK(deviceGetHandleByUUID(&node, uuid, &again) == NVML_SUCCESS && again == mig);
    CHECK(of_device(&node, "nvmlDeviceGetDeviceHandleFromMigDeviceHandle", mig, &parent) == 0 && parent == gpu);
    nvmlDeviceAttributes_t attributes;
    CHECK(of_device(&node, "nvmlDeviceGetAttributes_v2", mig, &attributes) == NVML_SUCCESS);
    CHECK(attributes.multiprocessorCount == 18 && attributes.gpuInstanceSliceCount == 1 && attributes.memorySizeMB == 22528);
    CHECK(of_device(&node, "nvmlDeviceGetAttributes_v2", gpu, &attributes) == NVML_ERROR_NOT_SUPPORTED);
    MUST(deviceGetMigDeviceHandleByIndex(&node, gpu, 0, &again) == 0);
    CHECK(CALL(&node, "nvmlDeviceGetName", (nvmlDevice_t, char *, unsigned), again, name, 96) == 0);
    CHECK(strcmp(name, "NVIDIA B200 MIG 1c.3g.90gb") == 0);

    nvmlComputeInstanceInfo_t info;
    CHECK(of_one(&node, "nvmlGpuInstanceDestroy", half) == NVML_ERROR_IN_USE);
    CHECK(CALL(&node, "nvmlComputeInstanceGetInfo_v2", (nvmlComputeInstance_t, nvmlComputeInstanceInfo_t *), second, &info) == 0);
    CHECK(info.id == 1 && info.gpuInstance == half && info.device == gpu && info.placement.start == 1);
    CHECK(of_one(&node, "nvmlComputeInstanceDestroy", second) == NVML_SUCCESS);
    CHECK(of_one(&node, "nvmlComputeInstanceDestroy", second) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(deviceGetMigDeviceHandleByIndex(&node, gpu, 1, &again) == NVML_ERROR_NOT_FOUND); /* a hole */
    CHECK(deviceGetMigDeviceHandleByIndex(&node, gpu, 2, &again) == NVML_SUCCESS && again == mig);
    TELL(&node, "process 2 add 4242 1048576 gi10");
    CHECK(of_one(&node, "nvmlComputeInstanceDestroy", whole) == NVML_ERROR_IN_USE);
    TELL(&node, "process 2 clear");
    CHECK(of_one(&node, "nvmlComputeInstanceDestroy", whole) == NVML_SUCCESS);
    CHECK(deviceGetUUID(&node, mig, uuid, 96) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(set_mig_mode(&node, gpu, 0, &activation) == NVML_SUCCESS && activation == NVML_ERROR_IN_USE);
    CHECK(of_one(&node, "nvmlComputeInstanceDestroy", first) == 0 && of_one(&node, "nvmlGpuInstanceDestroy", half) == 0);
    CHECK(of_one(&node, "nvmlGpuInstanceDestroy", eighth) == NVML_SUCCESS);
    CHECK(set_mig_mode(&node, gpu, 0, &activation) == NVML_SUCCESS && activation == NVML_SUCCESS);
    close_node(&node);
}

static void instances_fit_or_are_refused(void) {
    struct node node = ready_node("profile h100\nset 0 mig_mode 1\n");
    nvmlDevice_t gpu = device(&node, 0);
    nvmlGpuInstanceProfileInfo_v2_t info = {.version = STRUCT_VERSION(nvmlGpuInstanceProfileInfo_v2_t, 2)};
    CHECK(CALL(&node, "nvmlDeviceGetGpuInstanceProfileInfoV", (nvmlDevice_t, unsigned, void *), gpu, 2, &info) == 0);
    CHECK(info.id == 9 && info.sliceCount == 3 && info.instanceCount == 2 && info.multiprocessorCount == 60);
    CHECK(info.memorySizeMB == 40448 && strcmp(info.name, "MIG 3g.40gb") == 0 && info.jpegCount == 3 && info.ofaCount == 0);
    nvmlGpuInstanceProfileInfo_v3_t third = {.version = STRUCT_VERSION(nvmlGpuInstanceProfileInfo_v3_t, 3)};
    CHECK(CALL(&node, "nvmlDeviceGetGpuInstanceProfileInfoByIdV", (nvmlDevice_t, unsigned, void *), gpu, 20, &third) == 0);
    CHECK(third.sliceCount == 1 && third.ofaCount == 1 && strcmp(third.name, "MIG 1g.10gb+me") == 0);
    third.version = 1;
    CHECK(CALL(&node, "nvmlDeviceGetGpuInstanceProfileInfoV", (nvmlDevice_t, unsigned, void *), gpu, 2, &third) ==
          NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
    info.version = STRUCT_VERSION(nvmlGpuInstanceProfileInfo_v2_t, 2);
    CHECK(CALL(&node, "nvmlDeviceGetGpuInstanceProfileInfoV", (nvmlDevice_t, unsigned, void *), gpu, 5, &info) ==
          NVML_ERROR_NOT_SUPPORTED); /* eight slices: of no such product */
    nvmlGpuInstancePlacement_t places[8];
    unsigned number = 8;
    CHECK(CALL(&node, "nvmlDeviceGetGpuInstancePossiblePlacements_v2",
               (nvmlDevice_t, unsigned, nvmlGpuInstancePlacement_t *, unsigned *), gpu, 14, places, &number) == 0);
    CHECK(number == 3 && places[1].start == 2 && places[2].start == 4 && places[2].size == 2);

    CHECK(room(&node, gpu, 19) == 7 && room(&node, gpu, 20) == 1 && room(&node, gpu, 9) == 2 && room(&node, gpu, 0) == 1);
    TELL(&node, "mig 0 create 2g.20gb 2");
    CHECK(room(&node, gpu, 19) == 5 && room(&node, gpu, 9) == 1 && room(&node, gpu, 5) == 0 && room(&node, gpu, 0) == 0);
    CHECK(room(&node, gpu, 14) == 2 && room(&node, gpu, 15) == 3);
    TELL(&node, "mig 0 create 1g.10gb+me 6");
    CHECK(room(&node, gpu, 20) == 0 && room(&node, gpu, 19) == 4 && room(&node, gpu, 9) == 0);
    if (geteuid() == 0) {
        nvmlGpuInstance_t none = NULL;
        CHECK(create_at(&node, gpu, 14, 2, 2, &none) == NVML_ERROR_INSUFFICIENT_RESOURCES);
        CHECK(create_at(&node, gpu, 14, 1, 2, &none) == NVML_ERROR_INVALID_ARGUMENT);
        CHECK(create_at(&node, gpu, 14, 4, 3, &none) == NVML_ERROR_INVALID_ARGUMENT);
        CHECK(create(&node, gpu, 9, &none) == NVML_ERROR_INSUFFICIENT_RESOURCES);
        CHECK(create(&node, gpu, 42, &none) == NVML_ERROR_INVALID_ARGUMENT);
        CHECK(create(&node, device(&node, 1), 19, &none) == NVML_ERROR_NOT_SUPPORTED); /* its mode is off */
        CHECK(none == NULL);
    }
    close_node(&node);
}

static double mig_metric(struct node *node, nvmlDevice_t gpu, unsigned instance, unsigned metric) {
    static nvmlGpmMetricsGet_t get;
    get.version = GPM_VERSION;
    get.numMetrics = 1;
    get.metrics[0].metricId = metric;
    MUST(of_one(node, "nvmlGpmSampleAlloc", &get.sample1) == 0 && of_one(node, "nvmlGpmSampleAlloc", &get.sample2) == 0);
    MUST(CALL(node, "nvmlGpmMigSampleGet", (nvmlDevice_t, unsigned, nvmlGpmSample_t), gpu, instance, get.sample1) == 0);
    nap();
    MUST(CALL(node, "nvmlGpmMigSampleGet", (nvmlDevice_t, unsigned, nvmlGpmSample_t), gpu, instance, get.sample2) == 0);
    MUST(of_one(node, "nvmlGpmMetricsGet", &get) == 0 && get.metrics[0].nvmlReturn == 0);
    MUST(of_one(node, "nvmlGpmSampleFree", get.sample1) == 0 && of_one(node, "nvmlGpmSampleFree", get.sample2) == 0);
    return get.metrics[0].value;
}

static void instances_are_measured(void) {
    struct node node = ready_node("profile b200\nload 0.2\nset all tau_power_ms 0\nset 1 mig_mode 1\n"
                                  "mig 1 create 3g.90gb 0\nmig 1 create 3g.90gb 4\n");
    nvmlDevice_t gpu = device(&node, 1), mig = NULL;
    TELL(&node, "set 1 gi1.load 0.9");
    CHECK(fabs(mig_metric(&node, gpu, 1, 1) - 90) < 1e-6);
    CHECK(fabs(mig_metric(&node, gpu, 2, 1) - 20) < 1e-6); /* that of the device, as none was set */
    CHECK(fabs(got(&node, 1, "load") - (0.9 + 0.2) * 3 / 7) < 1e-5);
    CHECK(fabs(got(&node, 1, "gi1.load") - 0.9) < 1e-6);
    nvmlGpmSample_t sample;
    MUST(of_one(&node, "nvmlGpmSampleAlloc", &sample) == 0);
    CHECK(CALL(&node, "nvmlGpmMigSampleGet", (nvmlDevice_t, unsigned, nvmlGpmSample_t), gpu, 7, sample) ==
          NVML_ERROR_NOT_FOUND);
    CHECK(CALL(&node, "nvmlGpmMigSampleGet", (nvmlDevice_t, unsigned, nvmlGpmSample_t), device(&node, 0), 1, sample) ==
          NVML_ERROR_NOT_SUPPORTED);
    MUST(of_one(&node, "nvmlGpmSampleFree", sample) == 0);

    nvmlMemory_v2_t memory = {.version = STRUCT_VERSION(nvmlMemory_v2_t, 2)};
    TELL(&node, "process 1 add 501 1073741824 gi1");
    TELL(&node, "process 1 add 502 2147483648 gi2ci0");
    MUST(deviceGetMigDeviceHandleByIndex(&node, gpu, 0, &mig) == 0);
    CHECK(deviceGetMemoryInfo_v2(&node, mig, &memory) == NVML_SUCCESS);
    CHECK(memory.total == 91136ULL << 20 && memory.used == 1ULL << 30 && memory.free + memory.used + memory.reserved == memory.total);
    nvmlBAR1Memory_t aperture, part;
    CHECK(of_device(&node, "nvmlDeviceGetBAR1MemoryInfo", gpu, &aperture) == NVML_SUCCESS);
    CHECK(of_device(&node, "nvmlDeviceGetBAR1MemoryInfo", mig, &part) == 0 && part.bar1Total == aperture.bar1Total / 2);
    unsigned number = 4;
    nvmlProcessInfo_t processes[4];
    CHECK(deviceGetComputeRunningProcesses_v3(&node, mig, &number, processes) == NVML_SUCCESS);
    CHECK(number == 1 && processes[0].pid == 501 && processes[0].gpuInstanceId == 1 && processes[0].computeInstanceId == 0);
    number = 4;
    CHECK(deviceGetComputeRunningProcesses_v3(&node, gpu, &number, processes) == NVML_SUCCESS && number == 2);
    CHECK(processes[1].gpuInstanceId == 2);
    CHECK(deviceGetMemoryInfo_v2(&node, gpu, &memory) == NVML_SUCCESS && memory.used == 3ULL << 30);
    TELL(&node, "set 1 gi2.memory_used 7777");
    MUST(deviceGetMigDeviceHandleByIndex(&node, gpu, 1, &mig) == 0);
    CHECK(deviceGetMemoryInfo_v2(&node, mig, &memory) == NVML_SUCCESS && memory.used == 7777);
    close_node(&node);
}

static unsigned long long errors_counted;

static nvmlReturn_t counted_errors(struct node *node, nvmlDevice_t of, unsigned error, unsigned counter, unsigned location) {
    return CALL(node, "nvmlDeviceGetMemoryErrorCounter", (nvmlDevice_t, unsigned, unsigned, unsigned, unsigned long long *), of,
                error, counter, location, &errors_counted);
}

static void a_divided_device_refuses_some(void) {
    struct node node = ready_node("profile b200\nload 0.5\n");
    nvmlDevice_t gpu = device(&node, 0), mig = NULL;
    unsigned words[4] = {0}, milliwatts;
    CHECK(of_device(&node, "nvmlDeviceGetUtilizationRates", gpu, words) == NVML_SUCCESS);
    TELL(&node, "set 0 mig_mode 1");
    CHECK(of_device(&node, "nvmlDeviceGetUtilizationRates", gpu, words) == NVML_ERROR_NOT_SUPPORTED);
    CHECK(of_device(&node, "nvmlDeviceGetUtilizationRates", device(&node, 1), words) == NVML_SUCCESS);
    CHECK(CALL(&node, "nvmlDeviceGetRemappedRows", (nvmlDevice_t, unsigned *, unsigned *, unsigned *, unsigned *), gpu, words,
               words + 1, words + 2, words + 3) == NVML_SUCCESS);
    TELL(&node, "mig 0 create 1g.23gb");
    CHECK(CALL(&node, "nvmlDeviceGetRemappedRows", (nvmlDevice_t, unsigned *, unsigned *, unsigned *, unsigned *), gpu, words,
               words + 1, words + 2, words + 3) == NVML_ERROR_NOT_SUPPORTED);
    CHECK(deviceGetPowerUsage(&node, gpu, &milliwatts) == NVML_SUCCESS);
    MUST(deviceGetMigDeviceHandleByIndex(&node, gpu, 0, &mig) == 0);
    CHECK(deviceGetPowerUsage(&node, mig, &milliwatts) == NVML_ERROR_NOT_SUPPORTED);
    CHECK(of_device(&node, "nvmlDeviceGetUtilizationRates", mig, words) == NVML_ERROR_NOT_SUPPORTED);
    CHECK(counted_errors(&node, gpu, 1, 0, 7) == NVML_ERROR_NOT_SUPPORTED); /* since the load: by instances */
    CHECK(counted_errors(&node, gpu, 1, 1, 7) == NVML_SUCCESS);
    CHECK(counted_errors(&node, device(&node, 1), 1, 0, 7) == NVML_SUCCESS);
    TELL(&node, "set 0 gi13.sram_uncorrected 4");
    CHECK(counted_errors(&node, mig, 1, 0, 7) == NVML_SUCCESS && errors_counted == 4);
    CHECK(counted_errors(&node, mig, 0, 0, 7) == NVML_ERROR_NOT_SUPPORTED);
    CHECK(counted_errors(&node, mig, 1, 1, 7) == NVML_ERROR_NOT_SUPPORTED);
    CHECK(counted_errors(&node, mig, 1, 0, 2) == NVML_ERROR_NOT_SUPPORTED);
    TELL(&node, "fault 0 lost");
    CHECK(of_device(&node, "nvmlDeviceGetIndex", mig, words) == NVML_ERROR_GPU_IS_LOST);
    close_node(&node);
}

static void a_handle_may_be_given_again(void) {
    struct node node = ready_node("set 0 mig_mode 1\nmig 0 handles reused\nmig 0 create 1g.23gb 0\n");
    nvmlDevice_t gpu = device(&node, 0), first = NULL, second = NULL;
    unsigned id = 0;
    MUST(deviceGetMigDeviceHandleByIndex(&node, gpu, 0, &first) == 0);
    TELL(&node, "mig 0 destroy 7");
    CHECK(of_device(&node, "nvmlDeviceGetGpuInstanceId", first, &id) == NVML_ERROR_INVALID_ARGUMENT);
    TELL(&node, "mig 0 create 1g.23gb 1");
    MUST(deviceGetMigDeviceHandleByIndex(&node, gpu, 0, &second) == 0);
    CHECK(second == first);
    CHECK(of_device(&node, "nvmlDeviceGetGpuInstanceId", second, &id) == NVML_SUCCESS && id == 8);
    CHECK(strncmp(tell(&node, "mig 0 handles old"), "error: handles: 'old' given", 27) == 0);
    CHECK(strncmp(tell(&node, "mig 0 handles new"), "error: handles: 'new' given, allowed: while there are none", 58) == 0);
    TELL(&node, "mig 0 destroy all");
    TELL(&node, "mig 0 handles new");
    close_node(&node);
}

static void divisions_follow_commands(void) {
    struct node node = ready_node("profile h200\n");
    CHECK(strncmp(tell(&node, "mig 0 create 1g.18gb"), "error: mig: create", 18) == 0); /* the mode is off */
    TELL(&node, "set 0 mig_mode 1");
    CHECK(strstr(tell(&node, "mig 0 create 9g"), "1g.18gb+me") != NULL);
    CHECK(strncmp(tell(&node, "mig 0 create 3g.71gb 2"), "error: start: 2", 15) == 0);
    CHECK(strncmp(tell(&node, "mig 0 create 3g.71gb 9"), "error: start: '9'", 17) == 0);
    CHECK(strncmp(tell(&node, "mig 0 create 3g.71gb 0 9c"), "error: compute instance", 23) == 0);
    CHECK(strncmp(tell(&node, "mig 0 destroy 1"), "error: GPU instance: 1", 22) == 0);
    CHECK(strncmp(tell(&node, "set 0 gi1.load 0.5"), "error: key: gi1", 15) == 0);
    CHECK(strncmp(tell(&node, "mig 0 create 2g.35gb 0 2c 1c"), "error: mig: one more", 20) == 0);
    CHECK(told(tell(&node, "mig 0 list"))); /* nothing is left of it */
    TELL(&node, "mig 0 create 3g.71gb 4 2c 1c");
    CHECK(strstr(tell(&node, "mig 0 list"), "index=0 gi=2 ci=0 placement=4:4 uuid=MIG-") != NULL);
    CHECK(strstr(tell(&node, "mig 0 list"), "name=MIG 1c.3g.71gb\nok") != NULL);
    TELL(&node, "process 0 add 7 4096 gi2ci1");
    TELL(&node, "mig 0 destroy 2");
    CHECK(got(&node, 0, "processes") == 0);
    TELL(&node, "mig 0 create 7g.141gb");
    TELL(&node, "mig 0 destroy all");
    CHECK(told(tell(&node, "mig 0 list")));
    close_node(&node);
}

static void no_instance_outlives_the_driver(void) {
    struct node node = ready_node("profile gb200\nset all mig_mode 1\nmig all create 1g.23gb\n");
    nvmlDevice_t mig = NULL;
    char uuid[96], again[96];
    unsigned modes[2];
    MUST(deviceGetMigDeviceHandleByIndex(&node, device(&node, 3), 0, &mig) == 0 && deviceGetUUID(&node, mig, uuid, 96) == 0);
    TELL(&node, "driver unload");
    CHECK(deviceGetUUID(&node, mig, again, 96) == NVML_ERROR_UNINITIALIZED);
    TELL(&node, "driver load");
    MUST(init_v2(&node) == NVML_SUCCESS);
    CHECK(deviceGetUUID(&node, mig, again, 96) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(CALL(&node, "nvmlDeviceGetMigMode", (nvmlDevice_t, unsigned *, unsigned *), device(&node, 3), modes, modes + 1) == 0);
    CHECK(modes[0] == 0 && modes[1] == 0);
    CHECK(deviceGetHandleByUUID(&node, uuid, &mig) == NVML_ERROR_NOT_FOUND);
    TELL(&node, "set 3 mig_mode 1");
    TELL(&node, "mig 3 create 1g.23gb");
    CHECK(deviceGetHandleByUUID(&node, uuid, &mig) == NVML_SUCCESS); /* the same division has the same name */
    TELL(&node, "fault 3 reset");
    CHECK(deviceGetUUID(&node, mig, again, 96) == NVML_ERROR_INVALID_ARGUMENT);
    close_node(&node);
}

static void not_every_product_can_be_divided(void) {
    struct node node = ready_node("profile l40s\n");
    unsigned modes[2];
    nvmlReturn_t activation;
    CHECK(CALL(&node, "nvmlDeviceGetMigMode", (nvmlDevice_t, unsigned *, unsigned *), device(&node, 0), modes, modes + 1) ==
          NVML_ERROR_NOT_SUPPORTED);
    CHECK(set_mig_mode(&node, device(&node, 0), 1, &activation) == NVML_ERROR_NOT_SUPPORTED);
    TELL(&node, "set 0 mig_mode 1");
    CHECK(of_device(&node, "nvmlDeviceGetUtilizationRates", device(&node, 0), modes) == NVML_SUCCESS);
    CHECK(strstr(tell(&node, "mig 0 create 1g.10gb"), "cannot be divided") != NULL);
    close_node(&node);
}

static void mistakes_are_refused(void) {
    static const char *const mistakes[] = {"load 2\n", "profile b400\n", "tray 0\n", "tray 19\n", "domain x\n", "devices 65\n", "at x load 1\n", "at 1 nonsense\n",
                                           "missing nvmlNothing\n", "missing_field 303\n", "set 0 colour 1\n",
                                           "hold 0 load 1\n", "at 1 hold 0 load 1\n", "at 1 seed 4\n", "freeze now\n"};
    fflush(stderr);
    int kept = dup(2);
    FILE *quiet = freopen("/dev/null", "w", stderr);
    for (size_t i = 0; quiet && i < sizeof mistakes / sizeof *mistakes; i++) {
        struct node node = open_node(mistakes[i]);
        CHECK(init_v2(&node) == NVML_ERROR_UNKNOWN);
        close_node(&node);
    }
    fflush(stderr);
    dup2(kept, 2);
    close(kept);
}

static void yaml_means_the_same(void) {
    struct node node = open_node_of("scenario.yaml", "# a node\n"
                                                     "profile: \"h100\"\n"
                                                     "devices: 3\n"
                                                     "missing:\n"
                                                     "  - nvmlDeviceGetTemperatureV\n"
                                                     "\n"
                                                     "do:          # at once\n"
                                                     "  - load 0\n"
                                                     "  - 'set 1 power_mw 123456'\n"
                                                     "  - freeze\n"
                                                     "at:\n"
                                                     "  - 0: set 2 power_mw 234567\n"
                                                     "  - 0: set 2 ecc_mode 0\n");
    unsigned number = 0;
    MUST(init_v2(&node) == NVML_SUCCESS);
    connect_control(&node);
    CHECK(deviceGetCount_v2(&node, &number) == NVML_SUCCESS && number == 3);
    CHECK(power(&node, device(&node, 1)) == 123456);
    AWAIT(got(&node, 2, "power_mw") == 234567 && got(&node, 2, "ecc_mode") == 0);
    nvmlTemperature_t celsius = {.version = STRUCT_VERSION(nvmlTemperature_t, 1)};
    CHECK(deviceGetTemperatureV(&node, device(&node, 0), &celsius) == NVML_ERROR_FUNCTION_NOT_FOUND);
    close_node(&node);
}

static void yaml_is_strict(void) {
    static const char *const mistakes[] = {"profil: b200\n", "profile:\n", "profile: b200\nprofile: b200\n", "profile b200\n",
                                           "do: load 1\n", "do:\n- load 1\n", "do:\n    - load 1\n", "do:\n  load 1\n",
                                           "  - load 1\n", "do:\n  - devices 3\n", "do:\n  - at 3 load 1\n", "at:\n  - load 1\n",
                                           "at:\n  - x: load 1\n", "at:\n  - 3:\n", "do:\n\t- load 1\n", "do:\n  - load 2\n",
                                           "devices: 65\n", "---\n", "devices: [1]\n"};
    fflush(stderr);
    int kept = dup(2);
    FILE *quiet = freopen("/dev/null", "w", stderr);
    for (size_t i = 0; quiet && i < sizeof mistakes / sizeof *mistakes; i++) {
        struct node node = open_node_of("scenario.yaml", mistakes[i]);
        checks++;
        if (init_v2(&node) != NVML_ERROR_UNKNOWN) {
            failures++;
            dprintf(kept, "taken: %s", mistakes[i]);
        }
        close_node(&node);
    }
    fflush(stderr);
    dup2(kept, 2);
    close(kept);
}

static int read_once(const char *path) {
    struct node node = {.library = dlopen(path, RTLD_NOW)};
    unsigned number = 0;
    return node.library && init_v2(&node) == 0 && deviceGetCount_v2(&node, &number) == 0 && number == 2 ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--read-once") == 0)
        return read_once(argv[2]);
    ssize_t length = readlink("/proc/self/exe", source_library, sizeof source_library - 32);
    if (argc > 1)
        snprintf(source_library, sizeof source_library, "%s", argv[1]);
    else if (length > 0)
        strcpy(strrchr(source_library, '/') + 1, "libnvidia-ml.so.1");
    physics_follows_the_limit();
    freeze_stops_time();
    hang_holds_one_device();
    lost_device_goes_and_returns();
    driver_comes_and_goes();
    events_are_delivered();
    an_event_names_its_instance();
    bindings_are_told();
    slow_and_codes();
    latencies_are_drawn();
    xid_149_is_seen_by_the_neighbours();
    arguments_are_checked();
    field_numbers_follow_the_driver();
    links_break_one_by_one();
    links_count_errors();
    older_links_count_otherwise();
    a_device_is_divided();
    instances_fit_or_are_refused();
    instances_are_measured();
    a_divided_device_refuses_some();
    a_handle_may_be_given_again();
    divisions_follow_commands();
    no_instance_outlives_the_driver();
    not_every_product_can_be_divided();
    a_grace_module_has_links_to_its_processor();
    pcie_counters_wrap();
    gpm_follows_the_load();
    power_profiles_are_judged_by_priority();
    trays_of_a_domain_know_each_other();
    an_old_driver_lacks_what_came_later();
    repairs_and_spares_are_told();
    confidential_computing_is_of_the_node();
    accounts_are_kept_while_the_mode_is_on();
    devices_know_their_way_to_each_other();
    energy_is_of_its_scope();
    stale_socket_is_replaced();
    copies_are_separate_worlds();
    holds_end_with_their_connection();
    loading_program_leaves_nothing();
    mistakes_are_refused();
    yaml_means_the_same();
    yaml_is_strict();
    printf("%d checks, %d failed\n", checks, failures);
    return failures == 0 ? 0 : 1;
}
