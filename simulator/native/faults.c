/* What breaks, and what follows from it. None of these is called with a device locked. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi_system_events.h"
#include "world.h"

enum { ACTION_NONE, ACTION_RESET, ACTION_REBOOT, ACTION_DRAIN_P2P, ACTION_DRAIN_AND_RESET, ACTION_IMEX };

#define XID_NVLINK_OF_A_NEIGHBOUR 145
#define XID_NVLINK 149
#define XID_RECOVERY_ACTION_CHANGED 154

#define LONGEST_KERNEL_LOG (4L << 20)

/*
 * The driver tells the kernel log of each Xid as well: one record in the form of /dev/kmsg, in the file kmsg beside the
 * library. Sequence numbers rise with the file, so they go on where an earlier process of the same node stopped. A file that
 * is too long takes no more, as a node that nobody restarts in weeks might fill a disk.
 */
static void tell_kernel_log(const struct device *device, struct event_origin origin, unsigned xid) {
    char path[sizeof world.directory + 8], within[40] = "";
    struct stat status;
    if (!world.controlled)
        return;
    snprintf(path, sizeof path, "%s/kmsg", world.directory);
    int log = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (log < 0)
        return;
    if (origin.gpu_instance != ~0U) /* as the driver's source 595 has it: with both numbers, or with the first alone */
        snprintf(within, sizeof within, " GPU-I:%02u", origin.gpu_instance);
    if (origin.compute_instance != ~0U)
        snprintf(within + strlen(within), sizeof within - strlen(within), " GPU-CI:%02u", origin.compute_instance);
    if (fstat(log, &status) == 0 && status.st_size < LONGEST_KERNEL_LOG)
        dprintf(log, "4,%lld,%lld,-;NVRM: Xid (PCI:%04x:%02x:00%s): %u, pid='<unknown>', name=<unknown>, %s\n",
                (long long)status.st_size, (long long)(monotonic_ns() / 1000), device->pci_domain, device->pci_bus, within, xid,
                xid == 79 ? "GPU has fallen off the bus." : "simulated");
    close(log);
}

static void publish_xid_of(struct device *device, struct event_origin origin, unsigned xid) {
    tell_kernel_log(device, origin, xid);
    publish_event_of(device, origin, EVENT_XID, xid);
}

static void publish_xid(struct device *device, unsigned xid) { publish_xid_of(device, WHOLE_DEVICE, xid); }

/* nvml.md section 5, driver source 595.45.04: reboot wins over reset, drain and reset, drain P2P, IMEX. */
static int rank(unsigned action) {
    static const int ranks[] = {0, 4, 5, 2, 3, 1};
    return action < sizeof ranks / sizeof *ranks ? ranks[action] : 6;
}

/*
 * nvml.md section 7. Only unconditional classes: 48 and 144-148 depend on words of the kernel log that an event does not
 * carry, so they change nothing by themselves; 149 and 150 are taken in their fatal form.
 */
static unsigned action_of(unsigned xid) {
    switch (xid) {
    case 46: case 62: case 64: case 95: case 109: case 110: case 119: case 120: case 136: case 140: case 143:
    case 149: case 150: case 155: case 156: case 158: case 167: case 169: case 172:
        return ACTION_RESET;
    case 79: case 173: return ACTION_REBOOT;
    case 94: case 171: return ACTION_DRAIN_AND_RESET;
    default: return ACTION_NONE;
    }
}

void change_recovery_action(struct device *device, unsigned action) {
    pthread_mutex_lock(&device->lock);
    bool changed = observe(device, KEY_recovery_action) != action;
    set_key(device, KEY_recovery_action, action);
    pthread_mutex_unlock(&device->lock);
    if (!changed)
        return;
    publish_xid(device, XID_RECOVERY_ACTION_CHANGED);
    publish_event(device, EVENT_RECOVERY_ACTION, action);
}

static void remember_remap(struct device *device, enum key key) {
    pthread_mutex_lock(&device->lock);
    set_key(device, key, 1);
    pthread_mutex_unlock(&device->lock);
}

static bool has_nvlinks(struct device *device) {
    pthread_mutex_lock(&device->lock);
    bool has = observe(device, KEY_nvlink_count) > 0;
    pthread_mutex_unlock(&device->lock);
    return has;
}

/* Xid 149 of one device, an error of its NVLinks, is seen by those at the other ends (nvml.md section 10). */
static void tell_neighbours(const struct device *device) {
    for (unsigned slot = 0; slot < world.device_count; slot++) {
        struct device *other = &world.devices[slot];
        if (other != device && atomic_load(&other->present) && !atomic_load(&other->lost) && has_nvlinks(other))
            publish_xid(other, XID_NVLINK_OF_A_NEIGHBOUR);
    }
}

void fault_xid(struct device *device, unsigned xid) { fault_xid_of(device, WHOLE_DEVICE, xid); }

void fault_xid_of(struct device *device, struct event_origin origin, unsigned xid) {
    if (xid == 63 || xid == 171)
        remember_remap(device, KEY_remap_pending);
    if (xid == 64)
        remember_remap(device, KEY_remap_failed);
    publish_xid_of(device, origin, xid);
    if (xid == XID_NVLINK && has_nvlinks(device))
        tell_neighbours(device);
    unsigned action = action_of(xid);
    pthread_mutex_lock(&device->lock);
    unsigned before = (unsigned)observe(device, KEY_recovery_action);
    pthread_mutex_unlock(&device->lock);
    if (rank(action) > rank(before))
        change_recovery_action(device, action);
    if (xid == 79)
        fault_lost(device);
}

void fault_ecc(struct device *device, bool uncorrected, uint64_t count) {
    pthread_mutex_lock(&device->lock);
    add_to_key(device, ecc_key(false, uncorrected, false), (int64_t)count);
    add_to_key(device, ecc_key(true, uncorrected, false), (int64_t)count);
    pthread_mutex_unlock(&device->lock);
    publish_event(device, uncorrected ? EVENT_DOUBLE_BIT_ECC : EVENT_SINGLE_BIT_ECC, count);
}

void fault_lost(struct device *device) {
    atomic_store(&device->lost, true);
    wake_event_waiters();
}

void fault_gone(struct device *device) {
    atomic_store(&device->lost, true);
    bool bound = atomic_exchange(&device->present, false);
    atomic_fetch_add(&device->generation, 1);
    forget_device_events(device);
    wake_event_waiters();
    if (bound)
        publish_system_event(device, SYSTEM_EVENT_UNBIND);
}

void fault_return(struct device *device) {
    if (!atomic_load(&device->lost))
        return;
    pthread_mutex_lock(&device->lock);
    advance(device);
    reset_volatile(device);
    device->process_count = 0;
    pthread_mutex_unlock(&device->lock);
    forget_device_events(device);
    atomic_fetch_add(&device->generation, 1); /* handles from before the loss stay dead */
    atomic_store(&device->lost, false);
    if (!atomic_exchange(&device->present, true))
        publish_system_event(device, SYSTEM_EVENT_BIND);
}

/* As `nvidia-smi -r`: the device leaves and comes back; a row that waited is replaced, and nothing volatile is left. */
void fault_reset(struct device *device) {
    pthread_mutex_lock(&device->lock);
    if (observe(device, KEY_remap_pending)) {
        set_key(device, KEY_remap_pending, 0);
        add_to_key(device, KEY_remapped_uncorrectable, 1);
    }
    pthread_mutex_unlock(&device->lock);
    fault_gone(device);
    fault_return(device);
}
