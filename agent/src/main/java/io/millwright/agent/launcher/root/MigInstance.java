package io.millwright.agent.launcher.root;

import java.nio.file.Path;

/**
 * A MIG instance as NVIDIA's driver shows it under {@code /proc/driver/nvidia/capabilities}:
 * whoever may open the nodes of both of its capabilities may use it.
 *
 * @param gpu that it is an instance of
 * @param gpuInstance the directory {@code gi1} of it
 * @param computeInstance the directory {@code ci0} in that
 */
record MigInstance(NvidiaGpu gpu, Path gpuInstance, Path computeInstance) {

  /** {@code gpu0/gi1/ci0}: which one it is, whatever UUID it is called by. */
  String word() {
    return "gpu%s/%s/%s"
        .formatted(gpu.minor(), gpuInstance.getFileName(), computeInstance.getFileName());
  }
}
