/*
 * The simulated node. One static world a library image: a program that loads copies of the library from several
 * directories has one independent world a copy. Nothing in it is ever freed, so that a call which hangs can outlive
 * nvmlShutdown.
 *
 * Locks, in the order in which they may nest: world.lock, device.lock, the lock of events.c. Nobody waits, sleeps or does
 * I/O while holding one of them; a hang or a delay (gate.c) happens before any lock is taken.
 */
#ifndef MILLWRIGHT_WORLD_H
#define MILLWRIGHT_WORLD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include "abi.h"
#include "functions.h"
#include "keys.h"
#include "links.h"
#include "mig.h"

#define SIMULATOR_VERSION "1"
#define MAX_DEVICES 64
#define MOST_TRAYS 18 /* of an NVL72 rack */
#define MAX_PROCESSES 128
#define MOST_FIELDS 304 /* NVML_FI_MAX of R610, and one that no driver knows */
#define FIELD_COUNT 303 /* NVML_FI_MAX of R610 */
#define SAMPLE_COUNT 120
#define MOST_CONNECTIONS 32
#define NANOS 1000000000LL
#define PCIE_TRANSMIT_BYTES_PER_SECOND 1e9 /* at full load; plausible, not measured */
#define PCIE_RECEIVE_BYTES_PER_SECOND 3e9

struct profile {
    const char *name, *product, *vbios, *board_part, *inforom;
    unsigned devices, architecture, compute_major, compute_minor, pci_device_id, brand;
    unsigned memory_mib, reserved_mib;
    unsigned idle_mw, min_mw, max_mw, default_mw;
    int temperature_limit_c;
    double celsius_per_watt, memory_celsius_per_watt;
    unsigned idle_mhz, sm_mhz, memory_mhz, video_mhz;
    unsigned nvlinks, nvlink_version, nvlink_mbps, pcie_generation;
    unsigned c2c_links, c2c_mbps;
    bool power_scopes, coherent_memory; /* Grace: module and memory power scopes, GPU memory as NUMA nodes */
    unsigned module_gpus, module_rest_mw; /* what the module's power is made of */
    unsigned module_min_mw, module_max_mw, module_default_mw;
    enum fabric { NO_FABRIC, NODE_FABRIC, RACK_FABRIC } fabric; /* none, of one node, of an NVL72 domain */
    unsigned fans;
    bool no_memory_sensor;
    const char *driver_version; /* of the node unless the scenario says another */
    bool library_535;           /* functions that driver 535 does not export answer 13 */
};

enum { /* NVML_GPU_FABRIC_STATE_* */
    FABRIC_NOT_SUPPORTED,
    FABRIC_NOT_STARTED,
    FABRIC_IN_PROGRESS,
    FABRIC_COMPLETED
};

struct process {
    unsigned pid;
    uint64_t bytes;
    bool invented;
    uint64_t started_us; /* since the epoch */
    bool accounted;      /* told what it has had: the next two */
    uint64_t peak_bytes;
    unsigned percent;
    unsigned holder; /* 0: stays until it is cleared */
    bool partitioned; /* it runs in this instance */
    unsigned gpu_instance, compute_instance;
};

/* What a connection of control.sock asks of a device for as long as it is open. */
struct hold {
    unsigned holder; /* 0: not in use */
    double load;
};

struct sample {
    uint64_t epoch_us;
    unsigned power_mw, utilization_gpu, utilization_memory, clock_sm_mhz, clock_memory_mhz;
};

struct device {
    pthread_mutex_t lock; /* guards everything below the line */
    unsigned slot;        /* the number that the control protocol uses; never shifts, unlike the NVML index */
    char uuid[48], bus_id[32], bus_id_legacy[16];
    unsigned pci_domain, pci_bus;

    atomic_uint generation; /* part of a handle: raised when old handles must die */
    atomic_bool present, lost;
    atomic_bool hangs;
    atomic_bool hang_function[FUNCTION_COUNT];
    atomic_int forced_code[FUNCTION_COUNT];
    atomic_uint slow_us;
    atomic_uint slow_function_us[FUNCTION_COUNT];
    atomic_int field_code[MOST_FIELDS];

    /* ---- */
    int64_t advanced_ns; /* simulated time up to which the state below holds */
    double power_w, temperature_c, memory_temperature_c;
    double load_seconds; /* integral of load: what traffic counters derive from */
    double activity_seconds[ACTIVITY_KEYS]; /* integrals of what GPM measures */
    int64_t fabric_began_ns;                /* when the device began to register with its fabric */
    double counters[KEY_COUNT];
    int64_t plain[KEY_COUNT];
    bool overridden[KEY_COUNT];
    int64_t override[KEY_COUNT];
    struct link nvlinks[MAX_NVLINKS], c2c_links[MAX_C2C_LINKS];
    struct mig mig;
    struct process processes[MAX_PROCESSES];
    unsigned process_count;
    struct hold holds[MOST_CONNECTIONS];
    struct sample samples[SAMPLE_COUNT];
    uint64_t sample_total;
};

struct driver_version {
    unsigned major, minor, patch;
};

struct world {
    pthread_mutex_t lock; /* guards building, init count and driver state changes */
    bool built;
    char directory[4096];
    bool controlled; /* this process answers on control.sock: it alone writes the kernel log */
    const struct profile *profile;
    uint64_t seed, domain;
    unsigned tray; /* of an NVL72 rack, from 1 */
    char driver_version_text[64];
    struct driver_version driver_version;
    unsigned device_count;
    struct device devices[MAX_DEVICES];

    atomic_int init_count;
    atomic_bool driver_loaded;
    atomic_llong clock_offset_ns;
    atomic_llong frozen_ns; /* simulated time while frozen, else -1 */
    _Atomic double noise;

    atomic_bool hangs;
    atomic_bool hang_function[FUNCTION_COUNT];
    atomic_int forced_code[FUNCTION_COUNT];
    atomic_uint slow_us;
    atomic_uint latency_median_us[FUNCTION_COUNT], latency_p99_us[FUNCTION_COUNT];
    atomic_bool missing[FUNCTION_COUNT];
    atomic_bool poison; /* a call that is refused fills its out-parameters with rubbish */
    bool missing_field[FIELD_COUNT]; /* set by the scenario before anything is read */
    atomic_ullong calls[FUNCTION_COUNT];
};

extern struct world world;

/* world.c */
void say(const char *format, ...) __attribute__((format(printf, 1, 2))); /* one line on stderr */
int64_t monotonic_ns(void);
int64_t simulated_ns(void);
uint64_t epoch_us(void);
void freeze_world(void);
void unfreeze_world(void);
uint64_t mix(uint64_t value); /* a fixed hash: the only source of "randomness" */
bool driver_at_least(unsigned major, unsigned minor);
nvmlReturn_t open_world(void); /* reads the scenario and starts the control thread, once */
void unload_driver(void);
void load_driver(void);

/* Handles are numbers, never pointers to memory: a dead or wrong handle can be told without touching anything. */
nvmlDevice_t device_handle(const struct device *device);
struct device *device_of_handle(nvmlDevice_t handle); /* NULL: dead or never given out */
struct device *device_at_index(unsigned index);
unsigned index_of_device(const struct device *device);
unsigned present_devices(void);

/* profiles.c */
extern const char *const profile_names;
const struct profile *profile_by_name(const char *name);
void build_devices(void);

/* model.c: all of these want device->lock held */
void advance(struct device *device);
void settle(struct device *device);
int64_t observe(struct device *device, enum key key);
void set_key(struct device *device, enum key key, int64_t value);
void unset_key(struct device *device, enum key key);
void add_to_key(struct device *device, enum key key, int64_t amount);
void reset_volatile(struct device *device);
bool has_scope(struct device *device, enum key key);
void take_limits_over(void); /* of share.c, for a process without control */
void pass_limit_on(const struct device *device, unsigned milliwatts);
int64_t supported_power_profiles(void);                  /* masks by profile, of abi_power_profiles.c */
int64_t enforced_power_profiles(int64_t requested);
int64_t module_limit_mw(enum key key);
double own_load(struct device *device); /* of the device, or of those of its instances that were given none */
extern const double activity_shares[ACTIVITY_KEYS]; /* of load: what GPM measures */

/* abi_links.c: wants device->lock held; false where this product or driver has no such field */
bool is_link_field(unsigned id);
bool put_link_field(struct device *device, nvmlFieldValue_t *field);

/* holds.c: the first three want device->lock held; false where there is no room */
double held_load(const struct device *device);
bool hold_load(struct device *device, unsigned holder, double load);
bool add_process(struct device *device, struct process process);
void release_holds(unsigned holder); /* its connection is closed */

enum key ecc_key(bool aggregate, bool uncorrected, bool sram);

/* One advanced, locked observation. */
int64_t read_key(struct device *device, enum key key);

/* gate.c: how every exported function begins. A result other than NVML_SUCCESS is to be returned at once. */
nvmlReturn_t enter(enum function function);
nvmlReturn_t enter_uninitialized(enum function function); /* for functions that work before nvmlInit */
nvmlReturn_t enter_device(enum function function, nvmlDevice_t handle, struct device **device);
nvmlReturn_t enter_lookup(enum function function, struct device *device);
/* For functions that a MIG device answers as well: the serial of its compute instance, 0 for a whole device. */
nvmlReturn_t enter_any_device(enum function function, nvmlDevice_t handle, struct device **device, unsigned *instance);

/* Where a function writes to. */
struct out {
    void *at;
    size_t size;
};
#define POISON 0x5A
#define POISON_WORD 0x5A5A5A5A5A5A5A5ALL
nvmlReturn_t refused(nvmlReturn_t result, const struct out *outs); /* the result, and rubbish in what ends with NULL, 0 */
int function_by_name(const char *name); /* -1 when there is none */
extern const char *const function_names[FUNCTION_COUNT];

struct event_origin { /* what of a divided device an event is of; ~0 for all of it */
    unsigned gpu_instance, compute_instance;
};
#define WHOLE_DEVICE ((struct event_origin){~0U, ~0U})

/* faults.c */
void fault_xid_of(struct device *device, struct event_origin origin, unsigned xid);
void fault_xid(struct device *device, unsigned xid);
void fault_ecc(struct device *device, bool uncorrected, uint64_t count);
void change_recovery_action(struct device *device, unsigned action);
void fault_lost(struct device *device);
void fault_gone(struct device *device);
void fault_return(struct device *device);
void fault_reset(struct device *device);

/* events.c */
void publish_event(struct device *device, uint64_t type, uint64_t data);
void publish_event_of(struct device *device, struct event_origin origin, uint64_t type, uint64_t data);
void forget_device_events(struct device *device);
void wake_event_waiters(void);

/* abi_system_events.c */
void publish_system_event(const struct device *device, uint64_t type);
void wake_system_event_waiters(void);

/*
 * commands.c: one command line; false and a sentence in `error` when it is wrong; replies are appended to `reply`. The
 * holder is the connection that asks, 0 for the scenario.
 */
#define ERROR_SIZE 4096
#define NO_HOLDER 0
enum command_mode { RUN, CHECK_ONLY };
bool run_command(char *line, enum command_mode mode, unsigned holder, FILE *reply, char *error);

/* scenario_yaml.c */
void begin_yaml(void);
bool read_yaml(char *line, size_t size, const char *blanks, char *error);

/* scenario.c */
bool load_scenario(void);
int64_t run_due_commands(void); /* nanoseconds until the next one, or -1 */

/* control.c */
void claim_control(void);   /* the socket, unless another process has it */
void forfeit_control(void);
void start_control(void);

#endif
