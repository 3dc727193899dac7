package io.millwright.collector.control;

import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a run has and has used on one of its nodes, as the node's samples show it. Counts begin anew
 * with the collector.
 *
 * @param held what it was given
 * @param devices those of its devices that the node has told of; empty once it has ended there
 * @param started Unix time in seconds at which the run was first seen running on all its nodes
 * @param heldSeconds time for which it has had its devices, summed over them
 * @param busySeconds utilization times time, summed over them; time of which no sample came is left
 *     out
 * @param joules growth of the devices' energy counters; empty where a device has none
 * @param peakMemoryBytes the most that was seen held on any one of them; empty where no node told
 */
public record JobShare(
    RunId run,
    String user,
    String project,
    String node,
    DeviceSet held,
    List<HeldDevice> devices,
    Optional<Double> started,
    double heldSeconds,
    double busySeconds,
    Optional<Double> joules,
    OptionalDouble peakMemoryBytes) {

  /**
   * @param index number of the accelerator on its node
   */
  public record HeldDevice(String index, String uuid, String vendor) {}

  public JobShare {
    devices = List.copyOf(devices);
  }
}
