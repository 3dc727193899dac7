package io.millwright.protocol.vocabulary;

import static io.millwright.protocol.vocabulary.Metric.Kind.COUNTER;
import static io.millwright.protocol.vocabulary.Metric.Kind.GAUGE;
import static io.millwright.protocol.vocabulary.Metric.Kind.HISTOGRAM;
import static io.millwright.protocol.vocabulary.Metric.Kind.INFO;
import static io.millwright.protocol.vocabulary.Metric.Kind.STATESET;
import static io.millwright.protocol.vocabulary.Metric.Scope.ACCELERATOR;
import static io.millwright.protocol.vocabulary.Metric.Scope.FLEET;
import static io.millwright.protocol.vocabulary.Metric.Scope.NODE;
import static io.millwright.protocol.vocabulary.Metric.Tier.BASE;
import static io.millwright.protocol.vocabulary.Metric.Tier.EXTENDED;
import static io.millwright.protocol.vocabulary.Metric.Tier.OPTIONAL;
import static io.millwright.protocol.vocabulary.Unit.BOOL;
import static io.millwright.protocol.vocabulary.Unit.BYTES;
import static io.millwright.protocol.vocabulary.Unit.BYTES_PER_SECOND;
import static io.millwright.protocol.vocabulary.Unit.CELSIUS;
import static io.millwright.protocol.vocabulary.Unit.HERTZ;
import static io.millwright.protocol.vocabulary.Unit.JOULES;
import static io.millwright.protocol.vocabulary.Unit.LANES;
import static io.millwright.protocol.vocabulary.Unit.NONE;
import static io.millwright.protocol.vocabulary.Unit.ONE;
import static io.millwright.protocol.vocabulary.Unit.RATIO;
import static io.millwright.protocol.vocabulary.Unit.RPM;
import static io.millwright.protocol.vocabulary.Unit.SECONDS;
import static io.millwright.protocol.vocabulary.Unit.WATTS;

import java.util.List;
import java.util.stream.Stream;

/**
 * The one catalogue: every metric family of the product, once. The page, the frames, the dialects
 * of other exporters and {@code docs/metrics.md} derive from it; {@code metrics-catalogue.tsv} of
 * the test resources holds it in place. A wire code is never reused and never renumbered.
 */
public enum Metric {
  // spotless:off one line a family
  ACCELERATOR_INFO(1, "millwright_accelerator_info", INFO, NONE, ACCELERATOR, BASE, List.of("pci_bus_id", "serial", "part_number", "driver_version", "firmware_version", "architecture", "numa_node", "minor"), "Identity of one accelerator; value always 1. Everything mutable or rarely grouped by lives here and is joined with * on(node,uuid) group_left(...)"),
  ACCELERATOR_UP(2, "millwright_accelerator_up", GAUGE, BOOL, ACCELERATOR, BASE, List.of(), "1 when the accelerator answered every mandatory query of the last probe cycle, 0 when it is expected (seen since boot or in inventory) but lost or not answering"),
  NODE_ACCELERATORS(3, "millwright_node_accelerators", GAUGE, ONE, NODE, BASE, List.of("vendor", "model"), "Number of accelerators enumerated by the vendor interface on this node"),
  NODE_ACCELERATORS_EXPECTED(4, "millwright_node_accelerators_expected", GAUGE, ONE, NODE, BASE, List.of("vendor"), "Accelerators this node should have: configured, or of its SKU profile, or of the last accepted inventory of this chassis; a bare count of the PCI bus is reported as unconfirmed by the info metric, never as expected"),
  NODE_ULTRASERVER_INFO(205, "millwright_node_ultraserver_info", INFO, NONE, NODE, BASE, List.of("ultraserver_node", "ultraserver_nodes", "reservation_id", "modes", "node_of_2", "server_of_2", "node_of_4", "server_of_4"), "Place of the node in its Trainium UltraServer; value 1; a label is empty where the driver does not say. modes: x4, x2h, x2v and x1, with a comma between"),
  ACCELERATOR_HEALTH_STATE(5, "millwright_accelerator_health_state", STATESET, BOOL, ACCELERATOR, BASE, List.of("state"), "Verdict of the health engine: exactly one of state=ok|degraded|failed|unknown is 1"),
  ACCELERATOR_HEALTH_CHECK(6, "millwright_accelerator_health_check", GAUGE, BOOL, ACCELERATOR, BASE, List.of("check"), "1 when the named check passes, 0 when it fails; absent when not applicable. check=memory|link|pcie|thermal|power|driver|fabric|inforom|presence"),
  ACCELERATOR_COMPONENT_UNHEALTHY(199, "millwright_accelerator_component_unhealthy", GAUGE, BOOL, ACCELERATOR, BASE, List.of("component"), "1 while the vendor's driver calls the component unhealthy, 0 while it does not. component=hbm|sram|firmware_service_api|firmware_service_processor|link_intraserver|link_host|link_efa|link_interserver|link_switch|axi_fabric|other"),
  ACCELERATOR_HEALTH_CHECK_HEARTBEATS_TOTAL(200, "millwright_accelerator_health_check_heartbeats_total", COUNTER, ONE, ACCELERATOR, BASE, List.of(), "Heartbeats of the health check in the device's firmware, as its driver counts them; one that stands still means that nobody checks"),
  ACCELERATOR_RECOVERY_ACTION(7, "millwright_accelerator_recovery_action", STATESET, BOOL, ACCELERATOR, BASE, List.of("action"), "Vendor-recommended recovery: exactly one of action=none|reset|reboot|drain_p2p|drain_and_reset|recover_imex_domain|bus_reset|system_reboot|unknown is 1"),
  ACCELERATOR_DEVICE_STATE(206, "millwright_accelerator_device_state", STATESET, BOOL, ACCELERATOR, BASE, List.of("state"), "State that the driver has the device in: exactly one of state=ready|resetting|invalid is 1; absent where only root may read it"),
  ACCELERATOR_ECC_MODE_ENABLED(8, "millwright_accelerator_ecc_mode_enabled", GAUGE, BOOL, ACCELERATOR, BASE, List.of(), "1 when memory ECC is currently on"),
  ACCELERATOR_UTILIZATION_RATIO(9, "millwright_accelerator_utilization_ratio", GAUGE, RATIO, ACCELERATOR, BASE, List.of(), "Fraction 0..1 of the sample period in which any kernel or model was executing (coarse busy, not efficiency)"),
  ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO(10, "millwright_accelerator_memory_bandwidth_utilization_ratio", GAUGE, RATIO, ACCELERATOR, BASE, List.of(), "Fraction 0..1 of peak device-memory bandwidth used"),
  ACCELERATOR_ENGINE_ACTIVE_RATIO(11, "millwright_accelerator_engine_active_ratio", GAUGE, RATIO, ACCELERATOR, BASE, List.of("engine"), "Fraction 0..1 of cycles the named unit was active over the sample. engine=graphics|sm|tensor|fp64|fp32|fp16|int|pe (pe = Neuron PE array)"),
  ACCELERATOR_PROCESSES(12, "millwright_accelerator_processes", GAUGE, ONE, ACCELERATOR, BASE, List.of(), "Number of processes holding a compute context"),
  ACCELERATOR_CORE_UTILIZATION_RATIO(13, "millwright_accelerator_core_utilization_ratio", GAUGE, RATIO, ACCELERATOR, BASE, List.of("core"), "Busy fraction of one independently schedulable core or partition (NeuronCore; MIG instance as core=gi:<g>/ci:<c>)"),
  ACCELERATOR_CORE_BUSY_SECONDS_TOTAL(14, "millwright_accelerator_core_busy_seconds_total", COUNTER, SECONDS, ACCELERATOR, BASE, List.of("core"), "Cumulative time the core spent executing"),
  ACCELERATOR_CORE_EXECUTIONS_TOTAL(15, "millwright_accelerator_core_executions_total", COUNTER, ONE, ACCELERATOR, BASE, List.of("core", "status"), "Executions by outcome. status=success|timeout|bad_input|hw_error|collectives_error|hbm_ue|nc_ue|dma_abort|numerical_error|completed_with_error|failed_to_queue|resource_error|oob_error|other"),
  ACCELERATOR_CORE_MEMORY_USED_BYTES(16, "millwright_accelerator_core_memory_used_bytes", GAUGE, BYTES, ACCELERATOR, BASE, List.of("core", "category"), "Device memory used by the core by category (constants|model_code|tensors|shared_scratchpad|nonshared_scratchpad|runtime|driver|collectives|dma_rings|notifications|uncategorized). MIG: category=all"),
  ACCELERATOR_CORE_RESETS_TOTAL(17, "millwright_accelerator_core_resets_total", COUNTER, ONE, ACCELERATOR, BASE, List.of("core", "result"), "Core/device reset requests. result=requested|failed"),
  ACCELERATOR_CORE_ENGINE_CYCLES_TOTAL(204, "millwright_accelerator_core_engine_cycles_total", COUNTER, ONE, ACCELERATOR, EXTENDED, List.of("core", "engine", "activity"), "Cycles of an engine of the core by what it did, summed over its parts. engine=pe (Neuron PE array); activity=multiply|load_weights|idle"),
  ACCELERATOR_CORE_INFO(224, "millwright_accelerator_core_info", INFO, NONE, ACCELERATOR, EXTENDED, List.of("core", "logical_core", "source"), "Logical core of the host that a physical core is, or is half of where two make a logical one, by the setting of the host; value 1. source=ioctl (the map of the driver)|identity (the driver told none; the numbers are taken to run through the devices)"),
  ACCELERATOR_MEMORY_SIZE_BYTES(18, "millwright_accelerator_memory_size_bytes", GAUGE, BYTES, ACCELERATOR, BASE, List.of(), "Device memory installed and visible"),
  ACCELERATOR_MEMORY_USED_BYTES(19, "millwright_accelerator_memory_used_bytes", GAUGE, BYTES, ACCELERATOR, BASE, List.of(), "Device memory allocated (without reserved)"),
  ACCELERATOR_MEMORY_FREE_BYTES(20, "millwright_accelerator_memory_free_bytes", GAUGE, BYTES, ACCELERATOR, BASE, List.of(), "Device memory free"),
  ACCELERATOR_CLOCK_HERTZ(21, "millwright_accelerator_clock_hertz", GAUGE, HERTZ, ACCELERATOR, BASE, List.of("domain"), "Current clock. domain=graphics|sm|memory|video"),
  ACCELERATOR_CLOCK_MAX_HERTZ(22, "millwright_accelerator_clock_max_hertz", GAUGE, HERTZ, ACCELERATOR, BASE, List.of("domain"), "Maximum clock"),
  ACCELERATOR_THROTTLE_ACTIVE(23, "millwright_accelerator_throttle_active", GAUGE, BOOL, ACCELERATOR, BASE, List.of("reason"), "1 while the reason limits clocks. reason=sw_power_cap|hw_slowdown|hw_thermal|sw_thermal|hw_power_brake|sync_boost|app_clocks|idle|display|unknown (one that only a newer driver has)"),
  ACCELERATOR_THROTTLE_SECONDS_TOTAL(24, "millwright_accelerator_throttle_seconds_total", COUNTER, SECONDS, ACCELERATOR, BASE, List.of("reason"), "Cumulative time throttled by reason (same reason values)"),
  ACCELERATOR_POWER_WATTS(25, "millwright_accelerator_power_watts", GAUGE, WATTS, ACCELERATOR, BASE, List.of("scope"), "Board/module power averaged by the device over 1 s (or the shortest average offered). scope=gpu|memory|module as the driver names it; scope=module covers several devices and the CPU: never summed over devices"),
  ACCELERATOR_POWER_WINDOW_WATTS(26, "millwright_accelerator_power_window_watts", GAUGE, WATTS, ACCELERATOR, BASE, List.of("stat", "scope"), "Lowest and highest power seen by the fast lane (10 Hz or better) over a trailing window longer than the scrape interval (60 s unless configured), so that no swing between two scrapes is lost. stat=min|max. scope=gpu|memory|module as the driver names it; scope=module covers several devices and the CPU: never summed over devices"),
  ACCELERATOR_POWER_UTILIZATION_RATIO(27, "millwright_accelerator_power_utilization_ratio", GAUGE, RATIO, ACCELERATOR, BASE, List.of("stat"), "Power as a fraction of the device maximum over the last minute. stat=avg|min|max"),
  ACCELERATOR_DIE_POWER_UTILIZATION_RATIO(203, "millwright_accelerator_die_power_utilization_ratio", GAUGE, RATIO, ACCELERATOR, EXTENDED, List.of("die"), "Power of one die as a fraction of its maximum, as the firmware gave it last"),
  ACCELERATOR_POWER_LIMIT_WATTS(28, "millwright_accelerator_power_limit_watts", GAUGE, WATTS, ACCELERATOR, BASE, List.of("limit", "scope"), "limit=enforced|requested|default|min|max. scope=gpu|memory|module as the driver names it; scope=module covers several devices and the CPU: never summed over devices"),
  ACCELERATOR_ENERGY_JOULES_TOTAL(29, "millwright_accelerator_energy_joules_total", COUNTER, JOULES, ACCELERATOR, BASE, List.of("scope"), "Energy since driver load. scope=gpu|memory|module as the driver names it; scope=module covers several devices and the CPU: never summed over devices"),
  ACCELERATOR_TEMPERATURE_CELSIUS(30, "millwright_accelerator_temperature_celsius", GAUGE, CELSIUS, ACCELERATOR, BASE, List.of("sensor"), "sensor=core|memory"),
  ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS(31, "millwright_accelerator_temperature_margin_celsius", GAUGE, CELSIUS, ACCELERATOR, BASE, List.of(), "Degrees left before the first slowdown (T.Limit); negative means beyond it"),
  ACCELERATOR_TEMPERATURE_THRESHOLD_CELSIUS(32, "millwright_accelerator_temperature_threshold_celsius", GAUGE, CELSIUS, ACCELERATOR, BASE, List.of("threshold"), "Absolute thresholds. threshold=slowdown|shutdown|max_operating|memory_max"),
  ACCELERATOR_ERROR_EVENTS_TOTAL(33, "millwright_accelerator_error_events_total", COUNTER, ONE, ACCELERATOR, BASE, List.of("source", "code", "severity"), "Hardware/driver error events. source=xid|sxid|neuron|driver; code e.g. 79, 144.RLW, hbm_ue (bounded list, else other); severity=info|warning|fatal. Known fatal codes are pre-initialised at 0"),
  ACCELERATOR_ERROR_EVENT_LAST_TIMESTAMP_SECONDS(34, "millwright_accelerator_error_event_last_timestamp_seconds", GAUGE, SECONDS, ACCELERATOR, BASE, List.of("source", "code", "severity"), "Unix time of the most recent event of this code"),
  ACCELERATOR_ECC_ERRORS_TOTAL(35, "millwright_accelerator_ecc_errors_total", COUNTER, ONE, ACCELERATOR, BASE, List.of("location", "severity"), "ECC errors since driver load. location=dram|sram; severity=corrected|uncorrected|uncorrected_repairable"),
  ACCELERATOR_HEALTH_ECC_ERRORS_TOTAL(201, "millwright_accelerator_health_ecc_errors_total", COUNTER, ONE, ACCELERATOR, BASE, List.of("location", "severity"), "ECC errors as the driver's own health check counts them, from registers that it watches all the time; a failed or pending repair counts too. location=dram|sram; severity=uncorrected|uncorrected_repairable"),
  ACCELERATOR_HARDWARE_ERROR_CHANGES_TOTAL(202, "millwright_accelerator_hardware_error_changes_total", COUNTER, ONE, ACCELERATOR, BASE, List.of(), "Changes that the driver's health check has seen in the error registers"),
  ACCELERATOR_ECC_LIFETIME_ERRORS_TOTAL(36, "millwright_accelerator_ecc_lifetime_errors_total", COUNTER, ONE, ACCELERATOR, BASE, List.of("location", "severity"), "ECC errors over the device life (InfoROM)"),
  ACCELERATOR_SRAM_ECC_THRESHOLD_EXCEEDED(37, "millwright_accelerator_sram_ecc_threshold_exceeded", GAUGE, BOOL, ACCELERATOR, BASE, List.of(), "1 when the vendor field-diagnostic threshold is exceeded (RMA candidate)"),
  ACCELERATOR_MEMORY_REMAPPED_ROWS(38, "millwright_accelerator_memory_remapped_rows", GAUGE, ONE, ACCELERATOR, BASE, List.of("cause"), "Rows remapped so far. cause=correctable|uncorrectable"),
  ACCELERATOR_MEMORY_REMAP_PENDING(39, "millwright_accelerator_memory_remap_pending", GAUGE, BOOL, ACCELERATOR, BASE, List.of(), "1 when a remap waits for a reset"),
  ACCELERATOR_MEMORY_REMAP_FAILED(40, "millwright_accelerator_memory_remap_failed", GAUGE, BOOL, ACCELERATOR, BASE, List.of(), "1 when a remap failed (RMA)"),
  ACCELERATOR_RESETS_TOTAL(41, "millwright_accelerator_resets_total", COUNTER, ONE, ACCELERATOR, BASE, List.of(), "Device resets seen by the agent (XID 154/driver log, uptime change)"),
  ACCELERATOR_PCIE_LINK_GENERATION(42, "millwright_accelerator_pcie_link_generation", GAUGE, ONE, ACCELERATOR, BASE, List.of("state"), "PCIe generation. state=current|max"),
  ACCELERATOR_PCIE_LINK_WIDTH_LANES(43, "millwright_accelerator_pcie_link_width_lanes", GAUGE, LANES, ACCELERATOR, BASE, List.of("state"), "PCIe lanes. state=current|max"),
  ACCELERATOR_PCIE_RECEIVE_BYTES_TOTAL(44, "millwright_accelerator_pcie_receive_bytes_total", COUNTER, BYTES, ACCELERATOR, BASE, List.of(), "Bytes received over PCIe (agent unwraps the vendor counter)"),
  ACCELERATOR_PCIE_TRANSMIT_BYTES_TOTAL(45, "millwright_accelerator_pcie_transmit_bytes_total", COUNTER, BYTES, ACCELERATOR, BASE, List.of(), "Bytes sent over PCIe"),
  ACCELERATOR_PCIE_REPLAYS_TOTAL(46, "millwright_accelerator_pcie_replays_total", COUNTER, ONE, ACCELERATOR, BASE, List.of(), "PCIe replays"),
  ACCELERATOR_PCIE_ERRORS_TOTAL(47, "millwright_accelerator_pcie_errors_total", COUNTER, ONE, ACCELERATOR, BASE, List.of("kind"), "kind=correctable|non_fatal|fatal|bad_tlp|bad_dllp|lcrc|receiver|naks_received|naks_sent|unsupported_request|l0_to_recovery"),
  ACCELERATOR_LINKS_EXPECTED(48, "millwright_accelerator_links_expected", GAUGE, ONE, ACCELERATOR, BASE, List.of("link_type"), "Links this device should have up by its SKU profile (field 91 counts links of the silicon and is not an expectation); absent where no profile is known"),
  ACCELERATOR_FABRIC_STATE(49, "millwright_accelerator_fabric_state", STATESET, BOOL, ACCELERATOR, BASE, List.of("state"), "Fabric registration. state=not_supported|not_started|in_progress|completed"),
  ACCELERATOR_FABRIC_CONDITION(50, "millwright_accelerator_fabric_condition", GAUGE, BOOL, ACCELERATOR, BASE, List.of("condition"), "1 when the condition is present. condition=degraded_bandwidth|route_recovery|route_unhealthy|access_timeout_recovery|incorrect_configuration"),
  ACCELERATOR_JOB_INFO(51, "millwright_accelerator_job_info", INFO, NONE, NODE, BASE, List.of("accelerator", "uuid", "job_id", "user", "account", "partition"), "Which job holds this accelerator now; value 1; at most one row per exclusive accelerator. Only place where job labels appear on accelerators"),
  JOB_INFO(52, "millwright_job_info", INFO, NONE, NODE, BASE, List.of("job_id", "user", "account", "partition", "name", "array_id"), "One row per job step present on the node; value 1"),
  JOB_ACCELERATORS(53, "millwright_job_accelerators", GAUGE, ONE, NODE, BASE, List.of("job_id", "vendor"), "Accelerators held by the job on this node"),
  JOB_START_TIMESTAMP_SECONDS(54, "millwright_job_start_timestamp_seconds", GAUGE, SECONDS, NODE, BASE, List.of("job_id"), "Unix start time of the job on this node"),
  JOB_ACCELERATOR_ENERGY_JOULES_TOTAL(55, "millwright_job_accelerator_energy_joules_total", COUNTER, JOULES, NODE, BASE, List.of("job_id"), "Accelerator energy attributed to the job on this node since it started"),
  JOB_ACCELERATOR_BUSY_SECONDS_TOTAL(56, "millwright_job_accelerator_busy_seconds_total", COUNTER, SECONDS, NODE, BASE, List.of("job_id"), "Sum over held accelerators of utilization x time"),
  JOB_ACCELERATOR_ALLOCATED_SECONDS_TOTAL(57, "millwright_job_accelerator_allocated_seconds_total", COUNTER, SECONDS, NODE, BASE, List.of("job_id"), "Sum over held accelerators of held time (denominator of job efficiency)"),
  JOB_MEMORY_USED_BYTES(58, "millwright_job_memory_used_bytes", GAUGE, BYTES, NODE, BASE, List.of("job_id"), "Host memory of the job cgroup"),
  JOB_CPU_SECONDS_TOTAL(59, "millwright_job_cpu_seconds_total", COUNTER, SECONDS, NODE, BASE, List.of("job_id", "mode"), "CPU time of the job cgroup. mode=user|system"),
  JOB_OOM_KILLS_TOTAL(60, "millwright_job_oom_kills_total", COUNTER, ONE, NODE, BASE, List.of("job_id"), "OOM kills inside the job cgroup"),
  NODE_INFO(61, "millwright_node_info", INFO, NONE, NODE, BASE, List.of("hostname", "os", "kernel", "arch", "board_vendor", "board_model", "serial", "rack", "role"), "Node identity; value 1"),
  NODE_BOOT_TIMESTAMP_SECONDS(62, "millwright_node_boot_timestamp_seconds", GAUGE, SECONDS, NODE, BASE, List.of(), "Unix boot time"),
  NODE_HEALTH_STATE(63, "millwright_node_health_state", STATESET, BOOL, NODE, BASE, List.of("state"), "Aggregate verdict. state=ok|degraded|failed|unknown"),
  NODE_SCHEDULABLE(64, "millwright_node_schedulable", GAUGE, BOOL, NODE, BASE, List.of(), "1 when the scheduler may place work here"),
  NODE_DRAIN_STATE(65, "millwright_node_drain_state", STATESET, BOOL, NODE, BASE, List.of("state"), "state=none|draining|drained"),
  NODE_CPU_SECONDS_TOTAL(66, "millwright_node_cpu_seconds_total", COUNTER, SECONDS, NODE, BASE, List.of("mode"), "CPU time summed over CPUs. mode=user|nice|system|idle|iowait|irq|softirq|steal|guest"),
  NODE_CPUS(67, "millwright_node_cpus", GAUGE, ONE, NODE, BASE, List.of("state"), "Logical CPUs. state=online|present"),
  NODE_LOAD_AVERAGE(68, "millwright_node_load_average", GAUGE, ONE, NODE, BASE, List.of("window"), "window=1m|5m|15m"),
  NODE_MEMORY_SIZE_BYTES(69, "millwright_node_memory_size_bytes", GAUGE, BYTES, NODE, BASE, List.of(), "Host memory"),
  NODE_MEMORY_AVAILABLE_BYTES(70, "millwright_node_memory_available_bytes", GAUGE, BYTES, NODE, BASE, List.of(), "Host memory available"),
  NODE_MEMORY_SWAP_USED_BYTES(71, "millwright_node_memory_swap_used_bytes", GAUGE, BYTES, NODE, BASE, List.of(), "Swap in use"),
  NODE_PRESSURE_STALL_SECONDS_TOTAL(72, "millwright_node_pressure_stall_seconds_total", COUNTER, SECONDS, NODE, BASE, List.of("resource", "kind"), "PSI. resource=cpu|memory|io; kind=some|full"),
  NODE_OOM_KILLS_TOTAL(73, "millwright_node_oom_kills_total", COUNTER, ONE, NODE, BASE, List.of(), "Kernel OOM kills"),
  NODE_MEMORY_ECC_ERRORS_TOTAL(74, "millwright_node_memory_ecc_errors_total", COUNTER, ONE, NODE, BASE, List.of("controller", "severity"), "Host DRAM ECC. severity=corrected|uncorrected"),
  NODE_FILESYSTEM_SIZE_BYTES(75, "millwright_node_filesystem_size_bytes", GAUGE, BYTES, NODE, BASE, List.of("mountpoint", "device", "fstype"), "Filesystem size"),
  NODE_FILESYSTEM_AVAILABLE_BYTES(76, "millwright_node_filesystem_available_bytes", GAUGE, BYTES, NODE, BASE, List.of("mountpoint", "device", "fstype"), "Available to unprivileged users"),
  NODE_FILESYSTEM_READONLY(77, "millwright_node_filesystem_readonly", GAUGE, BOOL, NODE, BASE, List.of("mountpoint", "device", "fstype"), "1 when mounted read-only"),
  NODE_FILESYSTEM_RESPONSIVE(78, "millwright_node_filesystem_responsive", GAUGE, BOOL, NODE, BASE, List.of("mountpoint", "fstype"), "1 when a statvfs with deadline returned (hung NFS/Lustre/WEKA gives 0)"),
  NODE_DISK_READ_BYTES_TOTAL(79, "millwright_node_disk_read_bytes_total", COUNTER, BYTES, NODE, BASE, List.of("device"), "Bytes read"),
  NODE_DISK_WRITTEN_BYTES_TOTAL(80, "millwright_node_disk_written_bytes_total", COUNTER, BYTES, NODE, BASE, List.of("device"), "Bytes written"),
  NODE_DISK_IO_TIME_SECONDS_TOTAL(81, "millwright_node_disk_io_time_seconds_total", COUNTER, SECONDS, NODE, BASE, List.of("device"), "Time with I/O in flight"),
  NODE_NETWORK_RECEIVE_BYTES_TOTAL(82, "millwright_node_network_receive_bytes_total", COUNTER, BYTES, NODE, BASE, List.of("device"), "Bytes received"),
  NODE_NETWORK_TRANSMIT_BYTES_TOTAL(83, "millwright_node_network_transmit_bytes_total", COUNTER, BYTES, NODE, BASE, List.of("device"), "Bytes sent"),
  NODE_NETWORK_ERRORS_TOTAL(84, "millwright_node_network_errors_total", COUNTER, ONE, NODE, BASE, List.of("device", "direction"), "direction=receive|transmit"),
  NODE_NETWORK_DROPS_TOTAL(85, "millwright_node_network_drops_total", COUNTER, ONE, NODE, BASE, List.of("device", "direction"), "Dropped packets"),
  NODE_NETWORK_UP(86, "millwright_node_network_up", GAUGE, BOOL, NODE, BASE, List.of("device"), "operstate is up"),
  NODE_NETWORK_SPEED_BYTES_PER_SECOND(87, "millwright_node_network_speed_bytes_per_second", GAUGE, BYTES_PER_SECOND, NODE, BASE, List.of("device"), "Link speed"),
  NODE_RDMA_PORT_UP(88, "millwright_node_rdma_port_up", GAUGE, BOOL, NODE, BASE, List.of("device", "port"), "1 when the InfiniBand/RoCE/EFA port is ACTIVE"),
  NODE_RDMA_PORT_RATE_BYTES_PER_SECOND(89, "millwright_node_rdma_port_rate_bytes_per_second", GAUGE, BYTES_PER_SECOND, NODE, BASE, List.of("device", "port"), "Port rate"),
  NODE_RDMA_RECEIVE_BYTES_TOTAL(90, "millwright_node_rdma_receive_bytes_total", COUNTER, BYTES, NODE, BASE, List.of("device", "port"), "Bytes received"),
  NODE_RDMA_TRANSMIT_BYTES_TOTAL(91, "millwright_node_rdma_transmit_bytes_total", COUNTER, BYTES, NODE, BASE, List.of("device", "port"), "Bytes sent"),
  NODE_RDMA_ERRORS_TOTAL(92, "millwright_node_rdma_errors_total", COUNTER, ONE, NODE, BASE, List.of("device", "port", "kind"), "kind=symbol|link_downed|link_recovery|receive|local_integrity|buffer_overrun|transmit_discard|out_of_sequence|retransmit|timeout|rnr_retry|slow_restart|read|write|unresponsive_peer|impaired_connection|retransmit_bytes"),
  NODE_RDMA_CONGESTION_TOTAL(330, "millwright_node_rdma_congestion_total", COUNTER, ONE, NODE, EXTENDED, List.of("device", "port", "kind"), "kind=cnp_sent|cnp_handled|ecn_marked|transmit_wait"),
  NODE_RDMA_DEVICE_INFO(331, "millwright_node_rdma_device_info", INFO, NONE, NODE, EXTENDED, List.of("device", "hca_type", "board_id", "firmware_version", "node_guid", "link_layer", "pci_bus_id"), "Identity of a fabric adapter; value 1. hca_type as its driver says it, such as MT4129 (ConnectX-7) or MT41692 (BlueField-3)"),
  NODE_PCIE_LINK_GENERATION(343, "millwright_node_pcie_link_generation", GAUGE, ONE, NODE, EXTENDED, List.of("device", "state"), "PCIe generation of a fabric adapter, a Neuron device or a GPU that its driver does not hold, by its address on the bus. state=current|max"),
  NODE_PCIE_LINK_WIDTH_LANES(344, "millwright_node_pcie_link_width_lanes", GAUGE, LANES, NODE, EXTENDED, List.of("device", "state"), "PCIe lanes of the same devices. state=current|max"),
  NODE_PCIE_ERRORS_TOTAL(345, "millwright_node_pcie_errors_total", COUNTER, ONE, NODE, EXTENDED, List.of("device", "severity"), "Errors of advanced error reporting (AER) of the same devices. severity=correctable|non_fatal|fatal"),
  NODE_HUGEPAGES_FREE_BYTES(332, "millwright_node_hugepages_free_bytes", GAUGE, BYTES, NODE, EXTENDED, List.of("page_size"), "Free huge pages"),
  NODE_NUMA_MEMORY_SIZE_BYTES(341, "millwright_node_numa_memory_size_bytes", GAUGE, BYTES, NODE, EXTENDED, List.of("numa_node"), "Host memory of a NUMA node"),
  NODE_NUMA_MEMORY_FREE_BYTES(342, "millwright_node_numa_memory_free_bytes", GAUGE, BYTES, NODE, EXTENDED, List.of("numa_node"), "Host memory of a NUMA node that nothing uses, the page cache included in what is used"),
  NODE_NVME_ENDURANCE_USED_RATIO(333, "millwright_node_nvme_endurance_used_ratio", GAUGE, RATIO, NODE, OPTIONAL, List.of("device"), "NVMe endurance used (may exceed 1)"),
  NODE_NVME_CRITICAL_WARNING(334, "millwright_node_nvme_critical_warning", GAUGE, BOOL, NODE, OPTIONAL, List.of("device"), "1 when any NVMe critical warning bit is set"),
  NODE_NVME_MEDIA_ERRORS_TOTAL(360, "millwright_node_nvme_media_errors_total", COUNTER, ONE, NODE, OPTIONAL, List.of("device"), "Data integrity errors that the NVMe controller could not recover from, over its life"),
  NODE_NVME_AVAILABLE_SPARE_RATIO(361, "millwright_node_nvme_available_spare_ratio", GAUGE, RATIO, NODE, OPTIONAL, List.of("device"), "Spare capacity of the NVMe controller that is left"),
  NODE_DEVICE_HOLDERS(362, "millwright_node_device_holders", GAUGE, ONE, NODE, EXTENDED, List.of("device"), "Processes that hold the device node of an accelerator open, those that only watch it included. device=neuron<n>|nvidia<n>"),
  NODE_CPU_ENERGY_JOULES_TOTAL(335, "millwright_node_cpu_energy_joules_total", COUNTER, JOULES, NODE, EXTENDED, List.of("package", "zone"), "RAPL energy; wraps handled by agent. zone=package|dram"),
  NODE_FAN_SPEED_RPM(336, "millwright_node_fan_speed_rpm", GAUGE, RPM, NODE, EXTENDED, List.of("fan"), "Chassis fan speed"),
  NODE_POWER_SUPPLY_UP(338, "millwright_node_power_supply_up", GAUGE, BOOL, NODE, EXTENDED, List.of("psu"), "PSU healthy"),
  NODE_FILE_DESCRIPTORS(339, "millwright_node_file_descriptors", GAUGE, ONE, NODE, EXTENDED, List.of("state"), "state=allocated|max"),
  NODE_ZOMBIE_PROCESSES(340, "millwright_node_zombie_processes", GAUGE, ONE, NODE, EXTENDED, List.of(), "Processes in state Z (leaked trainers)"),
  NODE_POWER_WATTS(93, "millwright_node_power_watts", GAUGE, WATTS, NODE, BASE, List.of("scope"), "Whole-node or sub-system power, never summed over scopes. scope=node|cpu|psu:<n>|accelerators (sum of the devices that tell their own)"),
  NODE_TEMPERATURE_CELSIUS(94, "millwright_node_temperature_celsius", GAUGE, CELSIUS, NODE, BASE, List.of("chip", "sensor"), "Host sensors (inlet, CPU, NIC, NVMe, coolant)"),
  NODE_CLOCK_OFFSET_SECONDS(95, "millwright_node_clock_offset_seconds", GAUGE, SECONDS, NODE, BASE, List.of(), "Offset from time source"),
  NODE_CLOCK_SYNCHRONIZED(96, "millwright_node_clock_synchronized", GAUGE, BOOL, NODE, BASE, List.of(), "Kernel believes clock is synchronised"),
  NODE_PTP_CLOCK_INFO(346, "millwright_node_ptp_clock_info", INFO, NONE, NODE, EXTENDED, List.of("device", "clock_name"), "A PTP hardware clock that is there; value 1. It does not say that anything follows it"),
  NODE_SERVICE_ACTIVE(97, "millwright_node_service_active", GAUGE, BOOL, NODE, BASE, List.of("service"), "Required systemd units (nvidia-fabricmanager, nvidia-persistenced, nvidia-imex, slurmd, neuron services ...)"),
  NODE_KERNEL_MODULE_LOADED(98, "millwright_node_kernel_module_loaded", GAUGE, BOOL, NODE, BASE, List.of("module"), "Required kernel modules (nvidia, nvidia_peermem, neuron, efa, mlx5_core)"),
  NODE_KERNEL_LOG_EVENTS_TOTAL(99, "millwright_node_kernel_log_events_total", COUNTER, ONE, NODE, BASE, List.of("pattern"), "Matches of named kernel-log patterns (bounded by config): pcie_aer, pcie_aer_corrected, mce, hung_task, soft_lockup, nvme_timeout, nvme_failed, block_error, fs_error, oom, sxid, sxid_fatal, neuron_driver, neuron_memory, neuron_dma_timeout, neuron_dma_abort, neuron_repair_pending, neuron_repair_failed, neuron_scrub, neuron_reset, neuron_election, hard_lockup, kernel_bug, hardware_error, memory_ue, cpu_throttled, file_max, connections_full, raid_failed, file_server, nic_firmware, nic_module, nic_power, transmit_stall, peermem, nccl_segfault"),
  NODE_RDMA_PORT_DROPPED(380, "millwright_node_rdma_port_dropped", GAUGE, BOOL, NODE, BASE, List.of("device", "port"), "1 while a fabric port is not active that was, since the agent began, or that is down and has received something since its driver was loaded; 0 otherwise, also of a port that was never up"),
  NODE_RDMA_PORT_RATE_HIGHEST_BYTES_PER_SECOND(381, "millwright_node_rdma_port_rate_highest_bytes_per_second", GAUGE, BYTES_PER_SECOND, NODE, BASE, List.of("device", "port"), "Highest rate that the port had while it was active, since the agent began; absent while it is not active"),
  NODE_RDMA_DEVICE_LOST(382, "millwright_node_rdma_device_lost", GAUGE, BOOL, NODE, BASE, List.of("device"), "1 while a fabric adapter that was there since the agent began is off the bus; 0 otherwise, also of one that only left its driver or this network namespace"),
  NODE_PCIE_LINK_REDUCED(383, "millwright_node_pcie_link_reduced", GAUGE, BOOL, NODE, EXTENDED, List.of("device", "aspect"), "1 while the link has fewer lanes or a lower speed than both of its ends can, 0 otherwise; of a GPU the lanes alone, because it lowers its speed at rest. aspect=width|speed"),
  NODE_RAID_MISSING_DISKS(384, "millwright_node_raid_missing_disks", GAUGE, ONE, NODE, BASE, List.of("device"), "Disks that a software RAID array of the kernel lacks"),
  NODE_LIMIT_USED_RATIO(385, "millwright_node_limit_used_ratio", GAUGE, RATIO, NODE, BASE, List.of("limit"), "Part of a limit of the kernel that is in use. limit=file_descriptors|threads|connections"),
  NODE_UNINTERRUPTIBLE_PROCESSES(386, "millwright_node_uninterruptible_processes", GAUGE, ONE, NODE, EXTENDED, List.of(), "Processes in state D: they wait for a disk, a file server or a driver, and cannot be ended"),
  NODE_FILESYSTEM_INODES_FREE_RATIO(387, "millwright_node_filesystem_inodes_free_ratio", GAUGE, RATIO, NODE, BASE, List.of("mountpoint", "device", "fstype"), "Part of the file system's inodes that is free; absent where it has no fixed number of them"),
  ACCELERATOR_HEALTH_CHECK_HEARTBEAT_AGE_SECONDS(388, "millwright_accelerator_health_check_heartbeat_age_seconds", GAUGE, SECONDS, ACCELERATOR, BASE, List.of(), "Since when the count of heartbeats of the health check in the device's firmware stands still, as the agent saw it"),
  AGENT_BUILD_INFO(100, "millwright_agent_build_info", INFO, NONE, NODE, BASE, List.of("version", "revision", "jvm_version", "build_date"), "Agent build; value 1"),
  AGENT_START_TIMESTAMP_SECONDS(101, "millwright_agent_start_timestamp_seconds", GAUGE, SECONDS, NODE, BASE, List.of(), "Agent start time"),
  AGENT_PROBE_UP(102, "millwright_agent_probe_up", GAUGE, BOOL, NODE, BASE, List.of("probe"), "Last run of the probe succeeded. probe=nvml|neuron|kmsg|host|rdma|bmc|jobs|..."),
  AGENT_PROBE_DURATION_SECONDS(103, "millwright_agent_probe_duration_seconds", GAUGE, SECONDS, NODE, BASE, List.of("probe"), "Duration of the last run"),
  AGENT_PROBE_FAILURES_TOTAL(104, "millwright_agent_probe_failures_total", COUNTER, ONE, NODE, BASE, List.of("probe", "reason"), "Failed runs. reason=timeout|permission|not_found|device_lost|parse|other"),
  AGENT_PROBE_LAST_SUCCESS_TIMESTAMP_SECONDS(105, "millwright_agent_probe_last_success_timestamp_seconds", GAUGE, SECONDS, NODE, BASE, List.of("probe"), "Freshness of the data of the probe"),
  AGENT_PROBE_OVERRUNS_TOTAL(106, "millwright_agent_probe_overruns_total", COUNTER, ONE, NODE, BASE, List.of("probe"), "Runs skipped because the previous one had not ended"),
  AGENT_SCRAPE_DURATION_SECONDS(107, "millwright_agent_scrape_duration_seconds", HISTOGRAM, SECONDS, NODE, BASE, List.of(), "Time to render /metrics (le 0.005,0.01,0.025,0.05,0.1,0.25,0.5,1)"),
  AGENT_SERIES(108, "millwright_agent_series", GAUGE, ONE, NODE, BASE, List.of(), "Series in the last exposition"),
  AGENT_SERIES_DROPPED_TOTAL(109, "millwright_agent_series_dropped_total", COUNTER, ONE, NODE, BASE, List.of("family"), "Series not exposed because a cardinality cap was reached"),
  AGENT_CONFIG_LAST_RELOAD_SUCCESSFUL(110, "millwright_agent_config_last_reload_successful", GAUGE, BOOL, NODE, BASE, List.of(), "1 when the last configuration load succeeded"),
  AGENT_CONFIG_LAST_RELOAD_SUCCESS_TIMESTAMP_SECONDS(111, "millwright_agent_config_last_reload_success_timestamp_seconds", GAUGE, SECONDS, NODE, BASE, List.of(), "Time of last good load"),
  AGENT_HEALTH_RULES(365, "millwright_agent_health_rules", GAUGE, ONE, NODE, BASE, List.of("origin"), "Rules of health by where they are from. origin=packaged (as the package has them)|tuned (set otherwise by the site)|added (the site's own)|disabled (off by the site)"),
  AGENT_HEALTH_RULES_REFUSED(366, "millwright_agent_health_rules_refused", GAUGE, BOOL, NODE, BASE, List.of(), "1 while the site's files of rules have a mistake: the rules of before are in force, at the start the packaged ones"),
  AGENT_CONFIG_INFO(112, "millwright_agent_config_info", INFO, NONE, NODE, BASE, List.of("sha256"), "Hash of the effective configuration (drift detection)"),
  AGENT_REMOTE_PUSH_FAILURES_TOTAL(113, "millwright_agent_remote_push_failures_total", COUNTER, ONE, NODE, BASE, List.of("destination", "reason"), "Sessions with the collector that could not be had or broke, since the agent's start. destination=collector; reason=connect|handshake|refused|broken|silent"),
  AGENT_REMOTE_QUEUE_LENGTH(114, "millwright_agent_remote_queue_length", GAUGE, ONE, NODE, BASE, List.of("destination"), "Samples, and reports of jobs, that the collector has not acknowledged. destination=collector"),
  COLLECTOR_BUILD_INFO(115, "millwright_collector_build_info", INFO, NONE, FLEET, BASE, List.of("version", "revision", "jvm_version"), "Collector build; value 1"),
  COLLECTOR_NODES(116, "millwright_collector_nodes", GAUGE, ONE, FLEET, BASE, List.of("verdict", "link"), "Nodes known to the collector. Two independent words: verdict=ok|degraded|failed|unknown, link=connected|stale|lost"),
  COLLECTOR_NODE_LAST_SEEN_TIMESTAMP_SECONDS(117, "millwright_collector_node_last_seen_timestamp_seconds", GAUGE, SECONDS, NODE, BASE, List.of(), "Last report of each node"),
  COLLECTOR_NODE_REPORT_LAG_SECONDS(118, "millwright_collector_node_report_lag_seconds", HISTOGRAM, SECONDS, FLEET, BASE, List.of(), "Age of live samples on arrival, by the monotonic clocks of node and collector"),
  COLLECTOR_INGESTED_SAMPLES_TOTAL(119, "millwright_collector_ingested_samples_total", COUNTER, ONE, FLEET, BASE, List.of(), "Samples accepted"),
  COLLECTOR_REJECTED_SAMPLES_TOTAL(120, "millwright_collector_rejected_samples_total", COUNTER, ONE, FLEET, BASE, List.of("reason"), "Samples refused"),
  COLLECTOR_STORAGE_USED_BYTES(121, "millwright_collector_storage_used_bytes", GAUGE, BYTES, FLEET, BASE, List.of(), "Bytes of the local store"),
  COLLECTOR_ACCELERATORS(122, "millwright_collector_accelerators", GAUGE, ONE, FLEET, BASE, List.of("vendor", "model", "state"), "Fleet inventory. state=free|allocated|drained|failed"),
  JOBS(123, "millwright_jobs", GAUGE, ONE, FLEET, BASE, List.of("state", "partition"), "Jobs by state. state=pending|starting|running|completing|stuck"),
  JOB_QUEUE_WAIT_SECONDS(124, "millwright_job_queue_wait_seconds", HISTOGRAM, SECONDS, FLEET, BASE, List.of("partition"), "Time from submit to start"),
  JOBS_FINISHED_TOTAL(125, "millwright_jobs_finished_total", COUNTER, ONE, FLEET, BASE, List.of("partition", "result"), "Jobs ended, by result. result=completed|failed|oom|timeout|cancelled|node_fail|refused|group_failed"),
  JOB_INTERRUPTIONS_TOTAL(126, "millwright_job_interruptions_total", COUNTER, ONE, FLEET, BASE, List.of("partition", "cause"), "Jobs stopped by infrastructure. cause=accelerator|link|host|network|storage|power|unknown (numerator of MTBI)"),
  REMEDIATIONS_TOTAL(127, "millwright_remediations_total", COUNTER, ONE, FLEET, BASE, List.of("action", "result"), "Actions taken or requested. action=cordon|drain|reset-device|restart-driver|reboot-node|replace; result=success|failure|skipped|dry-run"),
  ACCELERATOR_LINKS_UP(128, "millwright_accelerator_links_up", GAUGE, ONE, ACCELERATOR, BASE, List.of("link_type"), "Links of the device in state active or sleep"),
  ACCELERATOR_INTERCONNECT_RECEIVE_BYTES_TOTAL(129, "millwright_accelerator_interconnect_receive_bytes_total", COUNTER, BYTES, ACCELERATOR, BASE, List.of("link_type"), "Bytes received over all links of the device"),
  ACCELERATOR_INTERCONNECT_TRANSMIT_BYTES_TOTAL(130, "millwright_accelerator_interconnect_transmit_bytes_total", COUNTER, BYTES, ACCELERATOR, BASE, List.of("link_type"), "Bytes sent over all links of the device"),
  ACCELERATOR_INTERCONNECT_ERRORS_TOTAL(131, "millwright_accelerator_interconnect_errors_total", COUNTER, ONE, ACCELERATOR, BASE, List.of("link_type", "kind"), "Link errors summed over the links of the device, by kind"),
  ACCELERATOR_NATIVE_CALL_STUCK_SECONDS(132, "millwright_accelerator_native_call_stuck_seconds", GAUGE, SECONDS, ACCELERATOR, BASE, List.of("call"), "Age of the native call now in flight beyond its soft deadline; absent when none is"),
  AGENT_MEMORY_BYTES(133, "millwright_agent_memory_bytes", GAUGE, BYTES, NODE, BASE, List.of("kind"), "Own memory. kind=rss|private"),
  AGENT_OVER_BUDGET(134, "millwright_agent_over_budget", GAUGE, BOOL, NODE, BASE, List.of("resource"), "1 where the agent met a limit of its unit within the last 15 s: MemoryHigh= or CPUQuota=; absent where there is none. resource=memory|cpu"),
  AGENT_CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS(135, "millwright_agent_certificate_expiry_timestamp_seconds", GAUGE, SECONDS, NODE, BASE, List.of(), "End of the certificate in use"),
  AGENT_SPOOL_BYTES(136, "millwright_agent_spool_bytes", GAUGE, BYTES, NODE, BASE, List.of("kind"), "Bytes waiting for the collector. kind=samples|events"),
  AGENT_SPOOL_DROPPED_TOTAL(137, "millwright_agent_spool_dropped_total", COUNTER, ONE, NODE, BASE, List.of("kind"), "Frames dropped because the spool was full. kind=samples|events"),
  NODE_CORDONED(138, "millwright_node_cordoned", GAUGE, BOOL, NODE, BASE, List.of(), "1 when an operator or a rule withdrew the node from placement"),
  COLLECTOR_QUEUE_LENGTH(139, "millwright_collector_queue_length", GAUGE, ONE, FLEET, BASE, List.of("queue"), "Entries waiting. queue=inbox|jobs|store|events|event_questions|requests|ungreeted|handshakes|join|renewals|webhook|remote_write|remote_write_bytes|remote_write_late|otlp|otlp_bytes|otlp_late"),
  COLLECTOR_DROPPED_TOTAL(140, "millwright_collector_dropped_total", COUNTER, ONE, FLEET, BASE, List.of("queue", "reason"), "Entries dropped, by queue and reason"),
  COLLECTOR_REMOTE_WRITE_LAG_SECONDS(141, "millwright_collector_remote_write_lag_seconds", GAUGE, SECONDS, FLEET, BASE, List.of("endpoint"), "Age of the oldest sample not yet accepted by the receiver"),
  COLLECTOR_REMOTE_WRITE_SAMPLES_TOTAL(456, "millwright_collector_remote_write_samples_total", COUNTER, ONE, FLEET, BASE, List.of("result"), "Samples that the receiver of remote write answered; absent where the site names none. result=taken|refused; refused ones are dropped"),
  COLLECTOR_REMOTE_WRITE_RETRIES_TOTAL(457, "millwright_collector_remote_write_retries_total", COUNTER, ONE, FLEET, BASE, List.of("reason"), "Requests of remote write that are sent again. reason=failed|limited; limited: the receiver asked for less (429)"),
  COLLECTOR_REMOTE_WRITE_QUEUE_BYTES(458, "millwright_collector_remote_write_queue_bytes", GAUGE, BYTES, FLEET, BASE, List.of(), "Bytes of the requests that wait on the disk for the receiver of remote write"),
  COLLECTOR_OTLP_LAG_SECONDS(393, "millwright_collector_otlp_lag_seconds", GAUGE, SECONDS, FLEET, BASE, List.of("endpoint"), "Age of the oldest sample that the receiver of OTLP has not taken yet; absent where the site names none"),
  COLLECTOR_OTLP_SAMPLES_TOTAL(394, "millwright_collector_otlp_samples_total", COUNTER, ONE, FLEET, BASE, List.of("result"), "Samples that the receiver of OTLP answered; absent where the site names none. result=taken|refused; refused ones are dropped"),
  COLLECTOR_OTLP_RETRIES_TOTAL(395, "millwright_collector_otlp_retries_total", COUNTER, ONE, FLEET, BASE, List.of("reason"), "Requests of OTLP that are sent again. reason=failed|limited; limited: the receiver asked for less (429)"),
  COLLECTOR_OTLP_QUEUE_BYTES(396, "millwright_collector_otlp_queue_bytes", GAUGE, BYTES, FLEET, BASE, List.of(), "Bytes of the requests that wait on the disk for the receiver of OTLP"),
  COLLECTOR_OTLP_BACKFILLED_SAMPLES_TOTAL(397, "millwright_collector_otlp_backfilled_samples_total", COUNTER, ONE, FLEET, BASE, List.of("result"), "Late samples of series for OTLP; absent where the site sends none. result=taken|refused|too_old|clock|overload|full|disk; all but taken are dropped"),
  COLLECTOR_STORE_COMMIT_SECONDS(142, "millwright_collector_store_commit_seconds", HISTOGRAM, SECONDS, FLEET, BASE, List.of(), "Duration of a durable commit"),
  COLLECTOR_CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS(143, "millwright_collector_certificate_expiry_timestamp_seconds", GAUGE, SECONDS, FLEET, BASE, List.of("role"), "End of the collector and CA certificates. role=collector|intermediate|root"),
  ACCELERATOR_FAN_SPEED_RATIO(144, "millwright_accelerator_fan_speed_ratio", GAUGE, RATIO, ACCELERATOR, OPTIONAL, List.of("fan"), "Fan speed as a fraction of maximum (air-cooled parts only)"),
  ACCELERATOR_CODEC_UTILIZATION_RATIO(145, "millwright_accelerator_codec_utilization_ratio", GAUGE, RATIO, ACCELERATOR, OPTIONAL, List.of("engine"), "engine=encoder|decoder|jpeg|ofa"),
  ACCELERATOR_PERFORMANCE_STATE(146, "millwright_accelerator_performance_state", GAUGE, ONE, ACCELERATOR, EXTENDED, List.of(), "Vendor performance state number (0 fastest)"),
  ACCELERATOR_PERSISTENCE_MODE_ENABLED(147, "millwright_accelerator_persistence_mode_enabled", GAUGE, BOOL, ACCELERATOR, EXTENDED, List.of(), "1 when the driver keeps the device initialised with no client"),
  ACCELERATOR_COMPUTE_MODE(148, "millwright_accelerator_compute_mode", STATESET, BOOL, ACCELERATOR, EXTENDED, List.of("mode"), "mode=default|prohibited|exclusive_process"),
  ACCELERATOR_MEMORY_RESERVED_BYTES(149, "millwright_accelerator_memory_reserved_bytes", GAUGE, BYTES, ACCELERATOR, EXTENDED, List.of(), "Device memory reserved by driver/firmware"),
  ACCELERATOR_LINK_UP(150, "millwright_accelerator_link_up", GAUGE, BOOL, ACCELERATOR, EXTENDED, List.of("link", "link_type", "peer"), "1 when the chip-to-chip link is active. link_type=nvlink|c2c|neuronlink; peer=switch|accelerator|cpu|unknown"),
  ACCELERATOR_LINK_SPEED_BYTES_PER_SECOND(151, "millwright_accelerator_link_speed_bytes_per_second", GAUGE, BYTES_PER_SECOND, ACCELERATOR, EXTENDED, List.of("link", "link_type"), "Negotiated one-direction data rate"),
  ACCELERATOR_LINK_RECEIVE_BYTES_TOTAL(152, "millwright_accelerator_link_receive_bytes_total", COUNTER, BYTES, ACCELERATOR, EXTENDED, List.of("link", "link_type"), "Bytes received"),
  ACCELERATOR_LINK_TRANSMIT_BYTES_TOTAL(153, "millwright_accelerator_link_transmit_bytes_total", COUNTER, BYTES, ACCELERATOR, EXTENDED, List.of("link", "link_type"), "Bytes sent"),
  ACCELERATOR_LINK_RECEIVE_PACKETS_TOTAL(154, "millwright_accelerator_link_receive_packets_total", COUNTER, ONE, ACCELERATOR, EXTENDED, List.of("link", "link_type"), "Packets received"),
  ACCELERATOR_LINK_TRANSMIT_PACKETS_TOTAL(155, "millwright_accelerator_link_transmit_packets_total", COUNTER, ONE, ACCELERATOR, EXTENDED, List.of("link", "link_type"), "Packets sent"),
  ACCELERATOR_LINK_ERRORS_TOTAL(156, "millwright_accelerator_link_errors_total", COUNTER, ONE, ACCELERATOR, EXTENDED, List.of("link", "link_type", "kind"), "kind=malformed|buffer_overrun|receive|receive_remote|receive_general|local_integrity|transmit_discard|effective|symbol|crc|replay|recovery|replay_back_to_back"),
  ACCELERATOR_LINK_RECOVERIES_TOTAL(157, "millwright_accelerator_link_recoveries_total", COUNTER, ONE, ACCELERATOR, EXTENDED, List.of("link", "link_type", "result"), "Link retrains. result=success|failure"),
  ACCELERATOR_LINK_BIT_ERROR_RATIO(158, "millwright_accelerator_link_bit_error_ratio", GAUGE, RATIO, ACCELERATOR, EXTENDED, List.of("link", "link_type", "kind"), "Bit error rate. kind=effective|symbol|raw"),
  ACCELERATOR_LINK_FEC_CORRECTIONS_TOTAL(159, "millwright_accelerator_link_fec_corrections_total", COUNTER, ONE, ACCELERATOR, OPTIONAL, List.of("link", "link_type", "bin"), "Symbol errors corrected by FEC history bin 0..15"),
  ACCELERATOR_BAR1_MEMORY_USED_BYTES(160, "millwright_accelerator_bar1_memory_used_bytes", GAUGE, BYTES, ACCELERATOR, EXTENDED, List.of(), "BAR1 aperture used"),
  ACCELERATOR_BAR1_MEMORY_SIZE_BYTES(161, "millwright_accelerator_bar1_memory_size_bytes", GAUGE, BYTES, ACCELERATOR, EXTENDED, List.of(), "BAR1 aperture size"),
  ACCELERATOR_POWER_INSTANT_WATTS(162, "millwright_accelerator_power_instant_watts", GAUGE, WATTS, ACCELERATOR, EXTENDED, List.of("scope"), "Instantaneous power. scope=gpu|module|memory. scope=gpu|memory|module as the driver names it; scope=module covers several devices and the CPU: never summed over devices"),
  ACCELERATOR_TEMPERATURE_MARGIN_THRESHOLD_CELSIUS(163, "millwright_accelerator_temperature_margin_threshold_celsius", GAUGE, CELSIUS, ACCELERATOR, EXTENDED, List.of("threshold"), "Margin value at which the action occurs (T.Limit parts: Hopper/Blackwell)"),
  ACCELERATOR_SRAM_ECC_UNIT_ERRORS_TOTAL(164, "millwright_accelerator_sram_ecc_unit_errors_total", COUNTER, ONE, ACCELERATOR, EXTENDED, List.of("unit"), "Lifetime uncorrectable SRAM errors by unit=l2|sm|pcie|mcu|other"),
  ACCELERATOR_MEMORY_REMAP_BANKS(165, "millwright_accelerator_memory_remap_banks", GAUGE, ONE, ACCELERATOR, EXTENDED, List.of("availability"), "Banks by spare-row availability=max|high|partial|low|none"),
  ACCELERATOR_MEMORY_UNREPAIRABLE(166, "millwright_accelerator_memory_unrepairable", GAUGE, BOOL, ACCELERATOR, BASE, List.of(), "1 when the device reports unrepairable memory"),
  ACCELERATOR_REPAIR_PENDING(167, "millwright_accelerator_repair_pending", GAUGE, BOOL, ACCELERATOR, EXTENDED, List.of("kind"), "1 when a repair takes effect at next reset. kind=channel|tpc"),
  ACCELERATOR_SM_OCCUPANCY_RATIO(168, "millwright_accelerator_sm_occupancy_ratio", GAUGE, RATIO, ACCELERATOR, EXTENDED, List.of(), "Resident warps as a fraction of the maximum"),
  ACCELERATOR_SLOT_INFO(169, "millwright_accelerator_slot_info", INFO, NONE, ACCELERATOR, BASE, List.of("chassis_serial", "slot", "tray", "host_index", "module", "peer_type"), "Physical position of the accelerator in a rack-scale system (NVL72 tray/slot); value always 1"),
  ACCELERATOR_FABRIC_INFO(170, "millwright_accelerator_fabric_info", INFO, NONE, ACCELERATOR, BASE, List.of("cluster_uuid", "clique_id"), "NVLink domain membership; value always 1"),
  ACCELERATOR_FIRMWARE_INFO(171, "millwright_accelerator_firmware_info", INFO, NONE, ACCELERATOR, EXTENDED, List.of("component", "version"), "Firmware of one accelerator, a series a component; value always 1. component=vbios|gsp|inforom_image|inforom_oem|inforom_ecc|inforom_power|nvlink_mse|nvlink_netir|nvlink_netir_uphy|nvlink_netir_cln|nvlink_netir_dln|nvlink_unknown(n)"),
  ACCELERATOR_PROCESS_MEMORY_BYTES(172, "millwright_accelerator_process_memory_bytes", GAUGE, BYTES, ACCELERATOR, EXTENDED, List.of(), "Device memory that the compute processes have taken together; what is used beyond it is the driver's, or was not given back"),
  ACCELERATOR_AFFINITY_INFO(173, "millwright_accelerator_affinity_info", INFO, NONE, ACCELERATOR, BASE, List.of("cpus", "numa_nodes"), "Processors and memory of the host that are nearest to one accelerator, as sets in the kernel's form (0-55,112-167); value always 1"),
  ACCELERATOR_FLOATING_POINT_OPERATIONS_TOTAL(174, "millwright_accelerator_floating_point_operations_total", COUNTER, ONE, ACCELERATOR, EXTENDED, List.of(), "Floating point operations executed since driver load"),
  ACCELERATOR_CORE_FLOATING_POINT_OPERATIONS_TOTAL(175, "millwright_accelerator_core_floating_point_operations_total", COUNTER, ONE, ACCELERATOR, EXTENDED, List.of("core"), "Floating point operations executed by the core"),
  ACCELERATOR_CORE_MEMORY_PEAK_BYTES(176, "millwright_accelerator_core_memory_peak_bytes", GAUGE, BYTES, ACCELERATOR, EXTENDED, List.of("core", "category"), "High-water mark of the same categories since driver load"),
  ACCELERATOR_CORE_MODEL_LOADS_TOTAL(177, "millwright_accelerator_core_model_loads_total", COUNTER, ONE, ACCELERATOR, EXTENDED, List.of("core"), "Models (NEFFs) loaded"),
  ACCELERATOR_EXECUTION_LATENCY_SECONDS(178, "millwright_accelerator_execution_latency_seconds", GAUGE, SECONDS, NODE, EXTENDED, List.of("runtime", "percentile", "stage"), "Runtime-reported execution latency percentile. stage=total|device; percentile=p0|p1|p25|p50|p75|p99|p100"),
  ACCELERATOR_RUNTIME_INFO(210, "millwright_accelerator_runtime_info", INFO, NONE, NODE, BASE, List.of("runtime", "pid"), "A process that has a Neuron runtime, by the tag that neuron-monitor has for it (NEURON_PROCESS_TAG, else the process id); value always 1"),
  ACCELERATOR_RUNTIME_EXECUTIONS_TOTAL(211, "millwright_accelerator_runtime_executions_total", COUNTER, ONE, NODE, BASE, List.of("runtime", "status"), "Executions of a Neuron runtime since the agent first heard of it. status=completed|completed_with_err|completed_with_num_err|timed_out|incorrect_input|failed_to_queue"),
  ACCELERATOR_RUNTIME_ERRORS_TOTAL(212, "millwright_accelerator_runtime_errors_total", COUNTER, ONE, NODE, BASE, List.of("runtime", "type"), "Execution errors of a Neuron runtime since the agent first heard of it. type=generic|numerical|transient|model|runtime|hardware"),
  ACCELERATOR_RUNTIME_MEMORY_USED_BYTES(213, "millwright_accelerator_runtime_memory_used_bytes", GAUGE, BYTES, NODE, BASE, List.of("runtime", "location"), "Memory that a Neuron runtime uses. location=host|device"),
  ACCELERATOR_RUNTIME_CPU_USAGE_RATIO(214, "millwright_accelerator_runtime_cpu_usage_ratio", GAUGE, RATIO, NODE, BASE, List.of("runtime", "mode"), "Processor time of a Neuron runtime in the last period, as neuron-monitor has it, 100 percent being 1. mode=user|system"),
  ACCELERATOR_RUNTIME_CORE_UTILIZATION_RATIO(215, "millwright_accelerator_runtime_core_utilization_ratio", GAUGE, RATIO, NODE, BASE, List.of("core", "runtime"), "Busy fraction 0..1 of a NeuronCore in the last period, of the runtime that uses it most. core is neuron-monitor's index: logical, over all devices; on Trn2 and Trn3 its order is not certain"),
  ACCELERATOR_RUNTIME_CORE_MEMORY_USED_BYTES(216, "millwright_accelerator_runtime_core_memory_used_bytes", GAUGE, BYTES, NODE, EXTENDED, List.of("core", "runtime", "category"), "Device memory of all runtimes for a NeuronCore, under the runtime that uses the core most; core as in the utilization. category=constants|model_code|shared_scratchpad|runtime|tensors"),
  ACCELERATOR_RUNTIME_ECC_ERRORS_TOTAL(217, "millwright_accelerator_runtime_ecc_errors_total", COUNTER, ONE, NODE, BASE, List.of("device", "location", "severity"), "ECC errors of a Neuron device as neuron-monitor counts them, with what it counted before the counter was set back. location=dram|sram; severity=corrected|uncorrected"),
  ACCELERATOR_EXECUTIONS_TOTAL(218, "millwright_accelerator_executions_total", COUNTER, ONE, NODE, BASE, List.of("status"), "Executions of all Neuron runtimes of the node, those that ended too, since the agent's start; status as of accelerator_runtime_executions_total"),
  ACCELERATOR_EXECUTION_ERRORS_TOTAL(219, "millwright_accelerator_execution_errors_total", COUNTER, ONE, NODE, BASE, List.of("type"), "Execution errors of all Neuron runtimes of the node, those that ended too, since the agent's start; type as of accelerator_runtime_errors_total"),
  ACCELERATOR_HOST_MEMORY_USED_BYTES(179, "millwright_accelerator_host_memory_used_bytes", GAUGE, BYTES, ACCELERATOR, EXTENDED, List.of("category"), "Host memory pinned or used by the runtime for this device"),
  ACCELERATOR_ACCOUNTING_MODE_ENABLED(180, "millwright_accelerator_accounting_mode_enabled", GAUGE, BOOL, ACCELERATOR, EXTENDED, List.of(), "1 when the driver keeps accounts of processes"),
  ACCELERATOR_PROCESS_MEMORY_PEAK_BYTES(181, "millwright_accelerator_process_memory_peak_bytes", GAUGE, BYTES, ACCELERATOR, OPTIONAL, List.of(), "Highest memory that any one of the running compute processes has had; only while accounts are kept"),
  ACCELERATOR_PROCESS_UTILIZATION_RATIO(182, "millwright_accelerator_process_utilization_ratio", GAUGE, RATIO, ACCELERATOR, OPTIONAL, List.of("stat"), "Part of its life in which a running compute process had kernels on the device, of the one with least and the one with most; only while accounts are kept. stat=min|max"),
  ACCELERATOR_PROCESS_START_TIMESTAMP_SECONDS(183, "millwright_accelerator_process_start_timestamp_seconds", GAUGE, SECONDS, ACCELERATOR, OPTIONAL, List.of(), "When the oldest of the running compute processes began; only while accounts are kept"),
  ACCELERATOR_CONFIDENTIAL_COMPUTING_MODE(184, "millwright_accelerator_confidential_computing_mode", STATESET, BOOL, ACCELERATOR, EXTENDED, List.of("mode"), "Confidential computing, of the node as each device sees it. mode=off|on|devtools (on, but open to debuggers)"),
  ACCELERATOR_CONFIDENTIAL_COMPUTING_READY(185, "millwright_accelerator_confidential_computing_ready", GAUGE, BOOL, ACCELERATOR, EXTENDED, List.of(), "1 while devices that are protected take work; absent where nothing is protected"),
  ACCELERATOR_CONFIDENTIAL_PEER_PROTECTION(186, "millwright_accelerator_confidential_peer_protection", STATESET, BOOL, ACCELERATOR, EXTENDED, List.of("mode"), "What protects the traffic between devices. mode=none|protected_pcie|nvle"),
  ACCELERATOR_CONFIDENTIAL_MEMORY_SIZE_BYTES(187, "millwright_accelerator_confidential_memory_size_bytes", GAUGE, BYTES, ACCELERATOR, OPTIONAL, List.of("region"), "Device memory inside and outside of the protected region; absent where nothing is protected. region=protected|unprotected"),
  ACCELERATOR_CONFIDENTIAL_MEMORY_USED_BYTES(188, "millwright_accelerator_confidential_memory_used_bytes", GAUGE, BYTES, ACCELERATOR, OPTIONAL, List.of(), "Protected device memory in use; absent where nothing is protected"),
  ACCELERATOR_MEMORY_ENCRYPTION_ENABLED(189, "millwright_accelerator_memory_encryption_enabled", GAUGE, BOOL, ACCELERATOR, OPTIONAL, List.of("state"), "1 when the device encrypts its memory, now or after the next reset. state=current|pending"),
  ACCELERATOR_POWER_WINDOW_SAMPLES(190, "millwright_accelerator_power_window_samples", GAUGE, ONE, ACCELERATOR, BASE, List.of("scope", "source"), "Samples that power_window_watts was made of. source=driver (its own buffer)|agent (one a tick). Divided by 60 s it is how often power was really sampled"),
  ACCELERATOR_PEER_INFO(191, "millwright_accelerator_peer_info", INFO, NONE, ACCELERATOR, OPTIONAL, List.of("peer_uuid", "path", "nvlink"), "The way from one accelerator to another of the node; value always 1. path=internal|single_switch|multiple_switches|host_bridge|node|system|unknown(n); nvlink=ok|chipset_not_supported|gpu_not_supported|topology_not_supported|disabled_by_regkey|not_supported|unknown|unknown(n), empty where the driver does not say"),
  ACCELERATOR_NEIGHBOUR_INFO(207, "millwright_accelerator_neighbour_info", INFO, NONE, ACCELERATOR, EXTENDED, List.of("neighbour"), "Accelerator of the same node that this one is wired to, by its number; value 1. Trainium1 and Trainium2, whose devices form a torus"),
  ACCELERATOR_POWER_SMOOTHING_BOUND_WATTS(192, "millwright_accelerator_power_smoothing_bound_watts", GAUGE, WATTS, ACCELERATOR, OPTIONAL, List.of("bound"), "Power that Blackwell power smoothing keeps the device within. bound=ceiling|floor|primary_floor|secondary_floor"),
  ACCELERATOR_POWER_SMOOTHING_PROFILE(193, "millwright_accelerator_power_smoothing_profile", GAUGE, ONE, ACCELERATOR, OPTIONAL, List.of(), "Number of the preset profile of power smoothing in force"),
  ACCELERATOR_C2C_MODE_ENABLED(194, "millwright_accelerator_c2c_mode_enabled", GAUGE, BOOL, ACCELERATOR, OPTIONAL, List.of(), "1 when the way between the chips of the module is switched on"),
  ACCELERATOR_ADDRESSING_MODE(195, "millwright_accelerator_addressing_mode", STATESET, BOOL, ACCELERATOR, OPTIONAL, List.of("mode"), "Who translates addresses of host memory for the device. mode=none|hmm|ats"),
  ACCELERATOR_LINK_ENCRYPTION_ENABLED(196, "millwright_accelerator_link_encryption_enabled", GAUGE, BOOL, ACCELERATOR, OPTIONAL, List.of(), "1 when the device encrypts what its links carry"),
  ACCELERATOR_LINK_LOW_POWER(197, "millwright_accelerator_link_low_power", GAUGE, BOOL, ACCELERATOR, OPTIONAL, List.of("link", "link_type"), "1 while a link to the processor of the module rests at low power"),
  ACCELERATOR_LINK_BANDWIDTH_REDUCED(198, "millwright_accelerator_link_bandwidth_reduced", GAUGE, BOOL, ACCELERATOR, OPTIONAL, List.of(), "1 while the links of the device are in another than their best bandwidth mode"),
  AGENT_NATIVE_CALL_DURATION_SECONDS(220, "millwright_agent_native_call_duration_seconds", HISTOGRAM, SECONDS, NODE, EXTENDED, List.of("vendor", "call"), "Duration of native calls by function"),
  AGENT_NATIVE_CALL_RESULTS_TOTAL(221, "millwright_agent_native_call_results_total", COUNTER, ONE, NODE, EXTENDED, List.of("vendor", "call", "result"), "Native calls by function and return code"),
  ACCELERATOR_NATIVE_CALL_SECONDS_TOTAL(222, "millwright_accelerator_native_call_seconds_total", COUNTER, SECONDS, ACCELERATOR, BASE, List.of(), "Time spent in native calls to this accelerator's driver to read it: what sampling costs its jobs at most. 60000 times its rate is milliseconds a minute"),
  ACCELERATOR_NATIVE_CALL_DEMOTED_PERIOD_SECONDS(223, "millwright_accelerator_native_call_demoted_period_seconds", GAUGE, SECONDS, ACCELERATOR, BASE, List.of("call"), "Period at which a native call is made now that was demoted because it is slow or fails; absent while it is made at its own"),
  ACCELERATOR_PARTITION_MODE_ENABLED(250, "millwright_accelerator_partition_mode_enabled", GAUGE, BOOL, ACCELERATOR, EXTENDED, List.of(), "1 when the device is split (NVIDIA MIG) or uses logical cores (Neuron LNC>1)"),
  ACCELERATOR_POWER_PROFILE_ACTIVE(270, "millwright_accelerator_power_profile_active", GAUGE, BOOL, ACCELERATOR, OPTIONAL, List.of("profile"), "Workload power profile in force"),
  ACCELERATOR_POWER_SMOOTHING_ENABLED(271, "millwright_accelerator_power_smoothing_enabled", GAUGE, BOOL, ACCELERATOR, OPTIONAL, List.of(), "1 when Blackwell power smoothing is on"),
  ACCELERATOR_POWER_SMOOTHING_LIFETIME_REMAINING_RATIO(272, "millwright_accelerator_power_smoothing_lifetime_remaining_ratio", GAUGE, RATIO, ACCELERATOR, OPTIONAL, List.of(), "Remaining life of the power-smoothing circuitry"),
  ACCELERATOR_UTILIZATION_WINDOW_RATIO(225, "millwright_accelerator_utilization_window_ratio", GAUGE, RATIO, ACCELERATOR, EXTENDED, List.of("stat"), "Lowest and highest utilization seen by the fast lane over the trailing window. stat=min|max"),
  COLLECTOR_INCIDENTS(410, "millwright_collector_incidents", GAUGE, ONE, FLEET, BASE, List.of("severity"), "Incidents that are open: physical causes, not alarms. severity=warning|critical"),
  COLLECTOR_INCIDENT_PAGES_TOTAL(411, "millwright_collector_incident_pages_total", COUNTER, ONE, FLEET, BASE, List.of("result"), "Incidents for which somebody was to be called. result=sent|suppressed; suppressed are those beyond what may be sent in an hour"),
  COLLECTOR_WEBHOOK_NOTICES_TOTAL(412, "millwright_collector_webhook_notices_total", COUNTER, ONE, FLEET, BASE, List.of("result"), "Notices of incidents to the webhook. result=delivered|failed|dropped; failed counts attempts, each of which is made again"),
  COLLECTOR_SCHEDULER_COMMANDS_TOTAL(357, "millwright_collector_scheduler_commands_total", COUNTER, ONE, FLEET, BASE, List.of("step", "result"), "What came of telling the site's scheduler of nodes; absent where the site tells none. step=open|close; result=done|failed|dry-run|limited; failed counts attempts, each of which is made again"),
  COLLECTOR_SCHEDULER_FAILING_NODES(358, "millwright_collector_scheduler_failing_nodes", GAUGE, ONE, FLEET, BASE, List.of(), "Nodes of which the site's scheduler could not be told what it should know; absent where the site tells none"),
  COLLECTOR_RACK_MAP_DISAGREEMENTS(413, "millwright_collector_rack_map_disagreements", GAUGE, ONE, FLEET, BASE, List.of(), "Places where the rack map and what the nodes tell of themselves differ"),
  COLLECTOR_RACK_MAP_REFUSED(414, "millwright_collector_rack_map_refused", GAUGE, BOOL, FLEET, BASE, List.of(), "1 while the file of the rack map has a mistake and an older map is in force"),
  COLLECTOR_POLICY_ACTS_TOTAL(420, "millwright_collector_policy_acts_total", COUNTER, ONE, FLEET, BASE, List.of("rule", "action", "result"), "What came of acts of the policy since the collector began, by rule. action=no-new-work|cordon|drain|reset-device|reboot-request|replace-request; result=done|dry-run|lapsed|lifted|refused|overruled|taken-over"),
  COLLECTOR_POLICY_ACTS(421, "millwright_collector_policy_acts_standing", GAUGE, ONE, FLEET, BASE, List.of("mode", "action", "stage"), "Acts of the policy whose verdict stands. mode=act|dry-run; stage=settling|waiting|done|refused|overruled|taken-over"),
  COLLECTOR_MAINTENANCE_WINDOWS(422, "millwright_collector_maintenance_windows", GAUGE, ONE, FLEET, BASE, List.of("phase"), "Windows of maintenance. phase=planned|open"),
  COLLECTOR_OVERRIDES(423, "millwright_collector_overrides", GAUGE, ONE, FLEET, BASE, List.of(), "Overrides by which a rule is treated as ok on a node now"),
  COLLECTOR_POLICY_VALID(424, "millwright_collector_policy_valid", GAUGE, BOOL, FLEET, BASE, List.of(), "1 while the policy file is what is in force; 0 while an older policy is, because the file is wrong; absent where the site has none"),
  COLLECTOR_ALERTMANAGER_UP(425, "millwright_collector_alertmanager_up", GAUGE, BOOL, FLEET, BASE, List.of(), "1 when the windows of maintenance could be mirrored as silences at the last look; absent where the site names no Alertmanager"),
  AGENT_EVENTS_STORED_TOTAL(400, "millwright_agent_events_stored_total", COUNTER, ONE, NODE, BASE, List.of(), "Events written to the agent's store, since the agent's start"),
  AGENT_EVENTS_BYTES(401, "millwright_agent_events_bytes", GAUGE, BYTES, NODE, BASE, List.of(), "Bytes of the agent's store of events on the disk, those included that the collector has"),
  AGENT_EVENTS_OLDEST_UNACKNOWLEDGED_SECONDS(402, "millwright_agent_events_oldest_unacknowledged_age_seconds", GAUGE, SECONDS, NODE, BASE, List.of(), "Age of the oldest event that the collector has not acknowledged; 0 where it has all, and without a collector"),
  COLLECTOR_EVENTS_RECEIVED_TOTAL(403, "millwright_collector_events_received_total", COUNTER, ONE, FLEET, BASE, List.of(), "Events of agents that were stored durably, since the collector's start"),
  COLLECTOR_EVENTS_DUPLICATE_TOTAL(404, "millwright_collector_events_duplicate_total", COUNTER, ONE, FLEET, BASE, List.of(), "Events of agents that were stored already and changed nothing, since the collector's start"),
  COLLECTOR_EVENTS_BYTES(405, "millwright_collector_events_bytes", GAUGE, BYTES, FLEET, BASE, List.of(), "Bytes of the events that the collector keeps"),
  AGENT_SPOOL_SAMPLES(440, "millwright_agent_spool_samples", GAUGE, ONE, NODE, BASE, List.of(), "Samples that wait for the collector, in memory and on the disk"),
  AGENT_SPOOL_OLDEST_AGE_SECONDS(441, "millwright_agent_spool_oldest_age_seconds", GAUGE, SECONDS, NODE, BASE, List.of(), "Age of the oldest sample that waits for the collector, to about a minute; 0 where none waits"),
  AGENT_SPOOL_WRITABLE(442, "millwright_agent_spool_writable", GAUGE, BOOL, NODE, BASE, List.of(), "1 while samples that wait can be kept on the disk; 0 where it takes none and only the newest are kept in memory"),
  AGENT_SPOOL_WRITE_ERRORS_TOTAL(443, "millwright_agent_spool_write_errors_total", COUNTER, ONE, NODE, BASE, List.of(), "Attempts to keep samples on the disk that failed, since the agent's start"),
  AGENT_SPOOL_UNREADABLE_TOTAL(444, "millwright_agent_spool_unreadable_total", COUNTER, ONE, NODE, BASE, List.of(), "Damaged stretches of the spool's files that were passed over, since the agent's start"),
  AGENT_BACKFILLED_SAMPLES_TOTAL(445, "millwright_agent_backfilled_samples_total", COUNTER, ONE, NODE, BASE, List.of(), "Samples that the collector took after it had been away or behind, since the agent's start"),
  AGENT_LIVE_SAMPLES_LEFT_OUT_TOTAL(372, "millwright_agent_live_samples_left_out_total", COUNTER, ONE, NODE, BASE, List.of(), "Samples that did not go to the collector at once, because it gave no credits or took no more; the newest goes first when it does, and these follow as backfill"),
  AGENT_SPOOL_THINNED_TOTAL(373, "millwright_agent_spool_thinned_total", COUNTER, ONE, NODE, BASE, List.of(), "Samples taken out between others, because the disk takes none and the memory for them is full; the lowest and highest power and utilization of their time stand in the one after them"),
  COLLECTOR_BACKFILLED_SAMPLES_TOTAL(446, "millwright_collector_backfilled_samples_total", COUNTER, ONE, FLEET, BASE, List.of("result"), "Samples of nodes that came late, from their spools. result=accepted|duplicate|unchained; of accepted ones history and remote write say further"),
  ACCELERATOR_INFOROM_VALID(208, "millwright_accelerator_inforom_valid", GAUGE, BOOL, ACCELERATOR, BASE, List.of(), "1 while the driver can read the InfoROM, 0 while it calls it corrupted; the flash itself is not validated, which is slow"),
  ACCELERATOR_FABRIC_REGISTRATION_FAILED(370, "millwright_accelerator_fabric_registration_failed", GAUGE, BOOL, ACCELERATOR, BASE, List.of(), "1 when the registration with the NVLink fabric has ended, and badly; fabric_state tells no state then"),
  ACCELERATOR_MEMORY_RETIRED_PAGES(209, "millwright_accelerator_memory_retired_pages", GAUGE, ONE, ACCELERATOR, BASE, List.of("cause"), "Pages of memory given up so far, on parts before Ampere. cause=single_bit|double_bit"),
  ACCELERATOR_MEMORY_RETIREMENT_PENDING(371, "millwright_accelerator_memory_retirement_pending", GAUGE, BOOL, ACCELERATOR, BASE, List.of(), "1 when a page of memory is given up at the next reset, on parts before Ampere"),
  JOB_ACCELERATOR_MEMORY_PEAK_BYTES(226, "millwright_job_accelerator_memory_peak_bytes", GAUGE, BYTES, NODE, EXTENDED, List.of("job_id"), "Highest device memory held by the job on any one accelerator here"),
  NODE_SITE_TEST_RESULT(353, "millwright_node_site_test_result", GAUGE, BOOL, NODE, BASE, List.of("test", "result"), "What the newest run of a test of the site came to: 1 of exactly one result. result=pass|fail|cannot-tell"),
  NODE_SITE_TEST_TIMESTAMP_SECONDS(354, "millwright_node_site_test_timestamp_seconds", GAUGE, SECONDS, NODE, BASE, List.of("test"), "When the newest run of a test of the site began"),
  NODE_SITE_TEST_FAILED(355, "millwright_node_site_test_failed", GAUGE, BOOL, NODE, BASE, List.of("test", "counts"), "1 while the newest run of a test of the site that says something failed, by what the site lets that count as. counts=observe|degraded|failed"),
  ACCELERATOR_JOB_CHECK_FAILED(356, "millwright_accelerator_job_check_failed", GAUGE, BOOL, ACCELERATOR, BASE, List.of("check"), "1 once a check after a job spoke against the device, until the same check of a later job passes or the node is booted. check=devices|memory|links|pcie|firmware"),
  NODE_ACCEPTANCE_STATE(227, "millwright_node_acceptance_state", STATESET, BOOL, NODE, BASE, List.of("state"), "How far the acceptance of the node's equipment is: serial numbers, firmware and driver against what the site accepted last. state=new|unaccepted|testing|accepted|failed"),
  NODE_FIRMWARE_DRIFT(228, "millwright_node_firmware_drift", GAUGE, ONE, NODE, BASE, List.of("against"), "Driver and firmware components of the node's accelerators that differ, counted by accelerator. against=desired (the site's signed set)|fleet (most of the same SKU)|domain (most of the same SKU in the domain)"),
  COLLECTOR_DESIRED_SET_VALID(229, "millwright_collector_desired_set_valid", GAUGE, BOOL, FLEET, BASE, List.of(), "1 while the site's signed set of wanted versions is what is in force; 0 while an older one is, because the file is wrong; absent where the site has none"),
  COLLECTOR_RACK_ACCELERATORS(430, "millwright_collector_rack_accelerators", GAUGE, ONE, FLEET, BASE, List.of("rack"), "Accelerators of the rack whose nodes are connected now; rack is empty where nobody says it"),
  COLLECTOR_RACK_POWER_WATTS(431, "millwright_collector_rack_power_watts", GAUGE, WATTS, FLEET, BASE, List.of("rack", "stat"), "Power of the rack's accelerators (scope=gpu) over those that tell it now. stat=sum|max"),
  COLLECTOR_RACK_UTILIZATION_RATIO(432, "millwright_collector_rack_utilization_ratio", GAUGE, RATIO, FLEET, BASE, List.of("rack", "stat"), "Utilization of the rack's accelerators over those that tell it now. stat=mean|min"),
  COLLECTOR_RACK_TEMPERATURE_CELSIUS(433, "millwright_collector_rack_temperature_celsius", GAUGE, CELSIUS, FLEET, BASE, List.of("rack", "stat"), "Core temperature of the rack's accelerators over those that tell it now. stat=mean|max"),
  COLLECTOR_RACKS_NOT_SHOWN(434, "millwright_collector_racks_not_shown", GAUGE, ONE, FLEET, BASE, List.of(), "Racks beyond the 700 whose aggregates this page has"),
  COLLECTOR_HISTORY_BYTES(435, "millwright_collector_history_bytes", GAUGE, BYTES, FLEET, BASE, List.of(), "Heap that the last minutes of the hot set take"),
  COLLECTOR_HISTORY_OLDEST_TIMESTAMP_SECONDS(436, "millwright_collector_history_oldest_timestamp_seconds", GAUGE, SECONDS, FLEET, BASE, List.of(), "Since when there is history of the hot set, by the collector's clock; absent where there is none"),
  COLLECTOR_HISTORY_EVICTED_TOTAL(437, "millwright_collector_history_evicted_total", COUNTER, ONE, FLEET, BASE, List.of(), "Readings of the hot set that went before their ten minutes were over, because the bytes of the history were used up"),
  COLLECTOR_RECOVERING(450, "millwright_collector_recovering", GAUGE, BOOL, FLEET, BASE, List.of(), "1 while the store is older than what nodes know, restored or put back: no job is placed or stopped until they have told"),
  COLLECTOR_RECOVERY_WAITING_NODES(451, "millwright_collector_recovery_waiting_nodes", GAUGE, ONE, FLEET, BASE, List.of(), "Nodes whose word a recovery waits for; 0 while none goes on"),
  COLLECTOR_REFUSING_NODES(452, "millwright_collector_refusing_nodes", GAUGE, ONE, FLEET, BASE, List.of(), "Connected nodes that refuse this collector's desired states: they obey another collector, or one of a newer store"),
  COLLECTOR_HISTORY_BACKFILLED_SAMPLES_TOTAL(347, "millwright_collector_history_backfilled_samples_total", COUNTER, ONE, FLEET, BASE, List.of("result"), "Late samples of nodes for the gap in the last minutes of the hot set. result=taken|too_old|no_room|overload|unknown; no_room: what is as old had to go for want of room, or the node has as much late history as it may"),
  COLLECTOR_REMOTE_WRITE_BACKFILLED_SAMPLES_TOTAL(348, "millwright_collector_remote_write_backfilled_samples_total", COUNTER, ONE, FLEET, BASE, List.of("result"), "Late samples of series for remote write; absent where the site sends none. result=taken|refused|too_old|clock|overload|full|disk; all but taken are dropped"),
  COLLECTOR_OVER_BUDGET(375, "millwright_collector_over_budget", GAUGE, BOOL, FLEET, BASE, List.of("resource"), "1 while the collector uses more than nine tenths of a resource over a minute. resource=heap|cpu|files|queues; files are open files, queues the fullest of its bounded queues"),
  COLLECTOR_BUDGET_USED_RATIO(376, "millwright_collector_budget_used_ratio", GAUGE, RATIO, FLEET, BASE, List.of("resource"), "Share of a resource that the collector uses: the least of a minute, of cpu the mean. resource=heap|cpu|files|queues"),
  COLLECTOR_QUEUE_CAPACITY(377, "millwright_collector_queue_capacity", GAUGE, ONE, FLEET, BASE, List.of("queue"), "The most entries that may wait; absent where the number of nodes bounds it. queue is as in millwright_collector_queue_length"),
  COLLECTOR_QUEUE_LAG_SECONDS(378, "millwright_collector_queue_lag_seconds", GAUGE, SECONDS, FLEET, BASE, List.of("queue"), "How long whoever empties the queue has been at it. queue=inbox"),
  AGENT_CERTIFICATE_RENEWALS_TOTAL(350, "millwright_agent_certificate_renewals_total", COUNTER, ONE, NODE, BASE, List.of("result"), "Attempts to have the certificate renewed, since the agent's start; absent where it reports to nobody. result=renewed|refused|failed; failed: the collector was not reached, or the disk did not take it"),
  COLLECTOR_REVOKED(351, "millwright_collector_revoked", GAUGE, ONE, FLEET, BASE, List.of(), "Nodes and single certificates that the authority took back and the collector knows of"),
  COLLECTOR_QUARANTINED_NODES(352, "millwright_collector_quarantined_nodes", GAUGE, ONE, FLEET, BASE, List.of(), "Names of nodes under which a machine spoke within ten minutes whose hardware is another than the one seen before"),
  COLLECTOR_CONNECTIONS_REFUSED_TOTAL(359, "millwright_collector_connections_refused_total", COUNTER, ONE, FLEET, BASE, List.of("reason"), "Connections of the agents' port that got no session, or lost it for their certificate. reason=handshake|expired|revoked|role|hardware|other"),
  AGENT_AUDIT_HEAD_CONFLICT(398, "millwright_agent_audit_head_conflict", GAUGE, ONE, NODE, BASE, List.of(), "Whether a collector said that its audit log ends where what this node had kept of it does not go on: the log was cut, written anew, or is an older copy. It stays 1 until the log is again what was kept, or its store was restored; absent where the node reports to nobody"),
  COLLECTOR_AUDIT_WITNESS_NODES(399, "millwright_collector_audit_witness_nodes", GAUGE, ONE, FLEET, BASE, List.of("verdict"), "Nodes by what they have kept of this collector's audit log, as told in their last session. verdict=agrees|restored|contradicts|other-store; restored: it was lost when the store was restored; contradicts: the log was cut, written anew, or is an older copy"),
  AGENT_UNANSWERED_SESSIONS_TOTAL(406, "millwright_agent_unanswered_sessions_total", COUNTER, ONE, NODE, BASE, List.of(), "Sessions that the agent ended since its start because the collector spoke and answered nothing for 60 s; absent where the node reports to nobody"),
  COLLECTOR_CLOCK_DIFFERS_NODES(407, "millwright_collector_clock_differs_nodes", GAUGE, ONE, FLEET, BASE, List.of(), "Connected nodes whose wall clock is more than 2 s ahead of the collector's or behind it"),
  COLLECTOR_GRANTS_VALID(438, "millwright_collector_grants_valid", GAUGE, BOOL, FLEET, BASE, List.of(), "1 while the file of grants is in force as it stands, 0 while a mistake in it leaves those of before in force; absent where the site has none"),
  COLLECTOR_UNCLAIMED_RUNS(408, "millwright_collector_unclaimed_runs", GAUGE, ONE, FLEET, BASE, List.of(), "Runs that connected nodes have and the collector's book does not know, or not as open there: they keep their accelerators until somebody ends them"),
  COLLECTOR_AUDIT_LEFT_OUT_TOTAL(439, "millwright_collector_audit_left_out_total", COUNTER, ONE, FLEET, BASE, List.of(), "Refusals of jobs that the audit log has no entry of, because one caller had more than 20 at once and one every ten seconds; since the start"),
  COLLECTOR_RUN_MISMATCHES_TOTAL(465, "millwright_collector_run_mismatches_total", COUNTER, ONE, FLEET, BASE, List.of(), "Times that a node's open runs differed from those of the collector's book in two heartbeats in a row, so that the node was sent its whole desired state again; since the start"),
  ACCELERATOR_OWNER_INFO(466, "millwright_accelerator_owner_info", INFO, NONE, NODE, BASE, List.of("accelerator", "uuid", "scheduler", "owner"), "Whose processes have the accelerator open, of a job or pod that another scheduler began; value 1, a row for each. Told where mode is observe or assist. scheduler=slurm|kubernetes, owner=number of the job|UID of the pod"),
  NODE_RDMA_AFFINITY_INFO(463, "millwright_node_rdma_affinity_info", INFO, NONE, NODE, BASE, List.of("pci_bus_id", "same_switch", "same_numa_node"), "Fabric adapters near an NVIDIA GPU, by its address on the bus, as names with commas: those behind the same PCIe switch, and the others at the same NUMA node; empty for none, and no row where the kernel does not say; value always 1");
  // spotless:on

  /** How the values of a family behave; the words of the OpenMetrics specification. */
  public enum Kind {
    GAUGE,
    COUNTER,
    INFO,
    STATESET,
    HISTOGRAM
  }

  /** What one series of the family describes, and so which labels stand first. */
  public enum Scope {
    ACCELERATOR("node", "accelerator", "uuid", "vendor", "model"),
    NODE("node"),
    FLEET();

    private final List<String> labels;

    Scope(String... labels) {
      this.labels = List.of(labels);
    }

    /** The label names every series of this scope begins with. */
    public List<String> labels() {
      return labels;
    }
  }

  /** How widely a family is exported: base always, each further one when the site asks for it. */
  public enum Tier {
    BASE,
    EXTENDED,
    OPTIONAL
  }

  private final int code;
  private final String familyName;
  private final Kind kind;
  private final Unit unit;
  private final Scope scope;
  private final Tier tier;
  private final List<String> labels;
  private final String help;

  Metric(
      int code,
      String familyName,
      Kind kind,
      Unit unit,
      Scope scope,
      Tier tier,
      List<String> ownLabels,
      String help) {
    this.code = code;
    this.familyName = familyName;
    this.kind = kind;
    this.unit = unit;
    this.scope = scope;
    this.tier = tier;
    this.labels = Stream.concat(scope.labels().stream(), ownLabels.stream()).toList();
    this.help = help;
  }

  /** The number of this family on the wire; append-only. */
  public int code() {
    return code;
  }

  /** The name on the page, with {@code _total} or {@code _info} where the kind has it. */
  public String familyName() {
    return familyName;
  }

  public Kind kind() {
    return kind;
  }

  public Unit unit() {
    return unit;
  }

  public Scope scope() {
    return scope;
  }

  public Tier tier() {
    return tier;
  }

  /** All label names, those of the scope first. */
  public List<String> labels() {
    return labels;
  }

  /** One or two sentences, as they stand behind {@code # HELP}. */
  public String help() {
    return help;
  }
}
