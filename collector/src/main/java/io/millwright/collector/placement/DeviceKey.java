package io.millwright.collector.placement;

/** An accelerator where it sits: one that was moved to another node is free there. */
public record DeviceKey(String node, String uuid) {}
