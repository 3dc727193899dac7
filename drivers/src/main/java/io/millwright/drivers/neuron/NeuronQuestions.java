package io.millwright.drivers.neuron;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.neuron.binding.IoctlLayout;
import io.millwright.drivers.neuron.binding.PassiveCall;
import io.millwright.drivers.nvml.binding.NativeBlock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What the driver can be asked by ioctl, in words.
 *
 * <p><i>Lifecycle:</i> {@link #close} once. A question that this driver does not know ({@code
 * ENOTTY}, {@code EINVAL}) is never asked again: each time would write a line into the kernel log.
 * <i>Threading:</i> one owner. <i>Failure:</i> no answer is empty.
 */
final class NeuronQuestions implements AutoCloseable {
  private static final int EINVAL = 22;
  private static final int ENOTTY = 25;

  private final NeuronCalls calls;
  private final CallWatch watch;
  private final NativeBlock block = new NativeBlock(IoctlLayout.BLOCK);
  private final UnknownCalls unknown;

  /**
   * @param unknown what this driver does not know, kept by whoever knows how long it is attached
   */
  NeuronQuestions(NeuronCalls calls, UnknownCalls unknown, CallWatch watch) {
    this.calls = calls;
    this.unknown = unknown;
    this.watch = watch;
  }

  /** What the device is. */
  public Optional<IoctlLayout.Basic> basic(int device) {
    return ask(device, PassiveCall.BASIC_INFO, at -> {}, IoctlLayout::basic);
  }

  /** Where on the PCI bus it is. */
  public Optional<IoctlLayout.Bdf> bdf(int device) {
    return ask(device, PassiveCall.BDF_EXT, at -> IoctlLayout.askBdf(at, device), IoctlLayout::bdf);
  }

  /** What the driver says of itself. */
  public Optional<IoctlLayout.Driver> driver(int device) {
    return ask(device, PassiveCall.DRIVER_INFO, at -> {}, IoctlLayout::driver);
  }

  /** The routing id of each device, by its number. */
  public Optional<List<Integer>> rids(int device) {
    return ask(
            device, PassiveCall.HOST_DEVICE_ID_TO_RID_MAP, IoctlLayout::askRids, IoctlLayout::rids)
        .filter(rids -> !rids.isEmpty());
  }

  /** The physical core of each logical core of the host, by its number. */
  public Optional<List<IoctlLayout.Core>> cores(int device) {
    return ask(
            device, PassiveCall.LOGICAL_TO_PHYSICAL_NC_MAP, IoctlLayout::askMap, IoctlLayout::map)
        .filter(map -> !map.isEmpty());
  }

  /** The place in an UltraServer, by the newer call or, where that is not known, the older. */
  public Optional<IoctlLayout.Pod> pod(int device) {
    return pod(device, PassiveCall.POD_STATUS_V2).or(() -> pod(device, PassiveCall.POD_STATUS));
  }

  private Optional<IoctlLayout.Pod> pod(int device, PassiveCall call) {
    return ask(device, call, at -> IoctlLayout.askPod(at, call), at -> IoctlLayout.pod(at, call));
  }

  /** Whether this driver was found not to know the question. */
  public boolean unknown(PassiveCall call) {
    return unknown.holds(call);
  }

  private <T> Optional<T> ask(
      int device,
      PassiveCall call,
      Consumer<NativeBlock> lay,
      Function<NativeBlock, T> understood) {
    if (unknown.holds(call)) {
      return Optional.empty();
    }
    clear();
    lay.accept(block);
    String name = "ioctl " + call;
    watch.entered(name);
    int errno = calls.call(device, call, block);
    watch.returned(name, -errno);
    if (errno == ENOTTY || errno == EINVAL) {
      unknown.add(call);
    }
    return errno == 0 ? Optional.of(understood.apply(block)) : Optional.empty();
  }

  private void clear() {
    for (int i = 0; i < IoctlLayout.BLOCK; i += Long.BYTES) {
      block.putLong(i, 0);
    }
  }

  @Override
  public void close() {
    calls.close();
    block.close();
  }
}
