package io.millwright.drivers.neuron;

import io.millwright.drivers.neuron.binding.PassiveCall;
import io.millwright.drivers.nvml.binding.NativeBlock;

/**
 * The seam to the ioctls of the driver: its device files, or a stand-in for a simulated tree.
 *
 * <p><i>Threading:</i> one owner. A call may block for as long as the driver pleases.
 */
public interface NeuronCalls extends AutoCloseable {

  /**
   * Asks a device; 0 for an answer, or the errno.
   *
   * @param device its number
   * @param block laid out as {@link io.millwright.drivers.neuron.binding.IoctlLayout} says; not to
   *     be looked at after an errno
   */
  int call(int device, PassiveCall call, NativeBlock block);

  /** Lets go of what is open; what is asked later opens again. */
  @Override
  void close();
}
