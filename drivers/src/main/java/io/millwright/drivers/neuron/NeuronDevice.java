package io.millwright.drivers.neuron;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;

/**
 * One Neuron device, read from its directory in sysfs.
 *
 * <p><i>Lifecycle:</i> {@link NeuronTree#open}, {@link #read} again and again, {@link #close} once.
 * Which series there are is settled when it is opened, by the files that are there.
 * <i>Threading:</i> one owner, the lane. <i>Failure:</i> a directory that is gone, or that has
 * another device's serial number after a reload of the driver, is a lost device; it is opened anew
 * when it is found again. A file that is cut or no number is that value's fault.
 *
 * <p>A fast round allocates nothing. Nothing is ever written.
 */
public final class NeuronDevice implements Source {
  private final File directory;
  private final NeuronIdentity identity;
  private final SysfsRound round;
  private final List<NeuronReader> readers;
  private final int facts;
  private final Readings readings;
  private boolean told;

  private NeuronDevice(
      File directory,
      NeuronIdentity identity,
      SysfsRound round,
      List<NeuronReader> readers,
      int facts,
      SeriesTable table) {
    this.directory = directory;
    this.identity = identity;
    this.round = round;
    this.readers = List.copyOf(readers);
    this.facts = facts;
    this.readings = new Readings(table);
  }

  static NeuronDevice open(
      Path directory,
      NeuronIdentity identity,
      String driverVersion,
      IntFunction<LogicalCores> logicalCores,
      Metric.Tier tier,
      CallWatch watch) {
    SysfsRound round = new SysfsRound(watch);
    NeuronSeries series = new NeuronSeries(new NeuronFiles(directory), identity, tier, round);
    int facts = series.declareFacts(driverVersion, logicalCores);
    List<NeuronReader> readers = series.readers();
    return new NeuronDevice(directory.toFile(), identity, round, readers, facts, series.table());
  }

  /** Who it is. */
  public Accelerator accelerator() {
    return identity.accelerator();
  }

  public NeuronIdentity identity() {
    return identity;
  }

  @Override
  public Readings readings() {
    return readings;
  }

  @Override
  public Outcome read(Cadence cadence, long nowNanos) {
    if (!directory.isDirectory()) {
      return Outcome.DEVICE_LOST;
    }
    round.begin();
    readings.at(nowNanos);
    tellFacts();
    for (int i = 0; i < readers.size(); i++) {
      NeuronReader reader = readers.get(i);
      if (reader.cadence() == cadence) {
        reader.read(round, readings, nowNanos);
      }
    }
    if (round.anyReopened() && !sameDevice()) {
      return Outcome.DEVICE_LOST;
    }
    return round.silent() ? Outcome.FAILED : Outcome.ANSWERED;
  }

  private void tellFacts() {
    if (!told) {
      told = true;
      for (int i = 0; i < facts; i++) {
        readings.measured(i, 1);
      }
    }
  }

  /** After a reload of the driver another device may have this one's number. */
  private boolean sameDevice() {
    NeuronIdentity now =
        NeuronIdentity.read(
            directory.toPath(),
            identity.number(),
            identity.accelerator().node(),
            identity.accelerator().simulated(),
            round.watch());
    return directory.isDirectory() && now.accelerator().equals(identity.accelerator());
  }

  @Override
  public void close() {
    readers.forEach(NeuronReader::close);
  }
}
