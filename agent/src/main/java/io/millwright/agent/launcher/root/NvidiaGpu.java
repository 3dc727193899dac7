package io.millwright.agent.launcher.root;

/**
 * A device as NVIDIA's driver shows it.
 *
 * @param address of its PCI function
 * @param minor number of its node
 */
record NvidiaGpu(String address, String minor) {}
