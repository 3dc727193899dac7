/* Life cycle and system queries: nvml.md section 2.1. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "abi_exports.h"
#include "world.h"

/* Our own words for the codes of nvml.md section 5; 28 and later too, which 535 does not know. */
static const struct {
    nvmlReturn_t code;
    const char *text;
} error_texts[] = {
    {0, "Success"}, {1, "Uninitialized"}, {2, "Invalid Argument"}, {3, "Not Supported"},
    {4, "Insufficient Permissions"}, {5, "Already Initialized"}, {6, "Not Found"}, {7, "Insufficient Size"},
    {8, "Insufficient External Power"}, {9, "Driver Not Loaded"}, {10, "Timeout"}, {11, "Interrupt Request Issue"},
    {12, "NVML Shared Library Not Found"}, {13, "Function Not Found"}, {14, "Corrupted infoROM"}, {15, "GPU is lost"},
    {16, "GPU requires reset"}, {17, "GPU access blocked by the operating system"},
    {18, "Driver/library version mismatch"}, {19, "In use by another client"}, {20, "Insufficient Memory"},
    {21, "No data"}, {22, "vGPU ECC not supported"}, {23, "Insufficient resources"}, {24, "Frequency not supported"},
    {25, "Argument version mismatch"}, {26, "Deprecated"}, {27, "System not ready"}, {28, "GPU not found"},
    {29, "Invalid state"}, {30, "Reset type not supported"},
};

EXPORTED const char *nvmlErrorString(nvmlReturn_t code) {
    for (size_t i = 0; i < sizeof error_texts / sizeof *error_texts; i++)
        if (error_texts[i].code == code)
            return error_texts[i].text;
    return "Unknown Error";
}

static nvmlReturn_t initialize(enum function function) {
    nvmlReturn_t result = open_world();
    if (result == NVML_SUCCESS)
        result = enter_uninitialized(function);
    if (result != NVML_SUCCESS)
        return result;
    if (!atomic_load(&world.driver_loaded))
        return NVML_ERROR_DRIVER_NOT_LOADED;
    atomic_fetch_add(&world.init_count, 1);
    if (atomic_load(&world.driver_loaded))
        return NVML_SUCCESS;
    atomic_store(&world.init_count, 0); /* unloaded meanwhile */
    return NVML_ERROR_DRIVER_NOT_LOADED;
}

EXPORTED nvmlReturn_t nvmlInit(void) { return initialize(FUNCTION_nvmlInit); }
EXPORTED nvmlReturn_t nvmlInit_v2(void) { return initialize(FUNCTION_nvmlInit_v2); }

EXPORTED nvmlReturn_t nvmlInitWithFlags(unsigned flags) {
    (void)flags;
    return initialize(FUNCTION_nvmlInitWithFlags);
}

/* Answers success when nothing was initialised: seen with 535, nvml.md section 9. */
EXPORTED nvmlReturn_t nvmlShutdown(void) {
    nvmlReturn_t result = enter_uninitialized(FUNCTION_nvmlShutdown);
    if (result != NVML_SUCCESS)
        return result;
    int count = atomic_load(&world.init_count);
    while (count > 0 && !atomic_compare_exchange_weak(&world.init_count, &count, count - 1)) {
    }
    if (count == 1) {
        wake_event_waiters();
        wake_system_event_waiters();
    }
    return NVML_SUCCESS;
}

nvmlReturn_t copy_text(char *to, unsigned length, const char *text) {
    if (!to)
        return NVML_ERROR_INVALID_ARGUMENT;
    size_t size = strlen(text) + 1;
    if (size > length)
        return NVML_ERROR_INSUFFICIENT_SIZE;
    memcpy(to, text, size);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned length) {
    ENTER(nvmlSystemGetDriverVersion);
    return copy_text(version, length, world.driver_version_text);
}

/*
 * Works before nvmlInit: nvml.md section 9. The driver version comes from the scenario, so this call, too, opens the world.
 * The first number is that of the CUDA release.
 */
EXPORTED nvmlReturn_t nvmlSystemGetNVMLVersion(char *version, unsigned length) {
    nvmlReturn_t result = open_world();
    if (result == NVML_SUCCESS)
        result = enter_uninitialized(FUNCTION_nvmlSystemGetNVMLVersion);
    if (result != NVML_SUCCESS)
        return result;
    char text[80];
    snprintf(text, sizeof text, "%d.%s", driver_at_least(580, 0) ? 13 : 12, world.driver_version_text);
    return copy_text(version, length, text);
}

static nvmlReturn_t cuda_version(int *version) {
    if (!version)
        return NVML_ERROR_INVALID_ARGUMENT;
    *version = driver_at_least(580, 0) ? 13000 : driver_at_least(575, 0) ? 12090 : driver_at_least(570, 0) ? 12080 : 12020;
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlSystemGetCudaDriverVersion(int *version) {
    ENTER(nvmlSystemGetCudaDriverVersion);
    return cuda_version(version);
}

EXPORTED nvmlReturn_t nvmlSystemGetCudaDriverVersion_v2(int *version) {
    ENTER(nvmlSystemGetCudaDriverVersion_v2);
    return cuda_version(version);
}

EXPORTED nvmlReturn_t nvmlSystemGetDriverBranch(nvmlSystemDriverBranchInfo_t *info, unsigned length) {
    ENTER(nvmlSystemGetDriverBranch);
    if (!info)
        return NVML_ERROR_INVALID_ARGUMENT;
    if (info->version != STRUCT_VERSION(nvmlSystemDriverBranchInfo_t, 1))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    char text[80];
    snprintf(text, sizeof text, "r%u_%02u", world.driver_version.major, world.driver_version.minor);
    return copy_text(info->branch, length < sizeof info->branch ? length : (unsigned)sizeof info->branch, text);
}

static bool is_invented(unsigned pid) {
    bool found = false;
    for (unsigned slot = 0; slot < world.device_count && !found; slot++) {
        struct device *device = &world.devices[slot];
        pthread_mutex_lock(&device->lock);
        for (unsigned i = 0; i < device->process_count; i++)
            found |= device->processes[i].pid == pid;
        pthread_mutex_unlock(&device->lock);
    }
    return found;
}

EXPORTED nvmlReturn_t nvmlSystemGetProcessName(unsigned pid, char *name, unsigned length) {
    ENTER(nvmlSystemGetProcessName);
    if (!name || length == 0)
        return NVML_ERROR_INVALID_ARGUMENT;
    char path[64], text[1024] = "";
    snprintf(path, sizeof path, "/proc/%u/cmdline", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file >= 0 ? read(file, text, sizeof text - 1) : -1;
    if (file >= 0)
        close(file);
    if (size <= 0 && !is_invented(pid))
        return NVML_ERROR_NOT_FOUND;
    if (size <= 0)
        snprintf(text, sizeof text, "simulated-job-%u", pid);
    snprintf(name, length, "%s", text); /* the real library truncates a long name as well */
    return NVML_SUCCESS;
}
