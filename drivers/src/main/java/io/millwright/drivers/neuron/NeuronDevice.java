package io.millwright.drivers.neuron;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
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
 * when it is found again; a serial number that cannot be read is none of another. A round in which
 * no file answered has failed. A file that is cut or no number is that value's fault.
 *
 * <p>A fast round allocates nothing. Nothing is ever written.
 */
public final class NeuronDevice implements Source {
  /** Asked where a cadence has no file of its own: the driver has it in memory. */
  private static final String WITNESS = "info/architecture/arch_type";

  private final File directory;
  private final NeuronIdentity identity;
  private final Metric.Tier tier;
  private final NeuronFiles files;
  private final SysfsRound round;
  private final List<NeuronReader> readers;
  private final int facts;
  private final Readings readings;
  private final SysfsFile witness;
  private boolean told;

  private NeuronDevice(
      NeuronFiles files,
      NeuronIdentity identity,
      Metric.Tier tier,
      SysfsRound round,
      List<NeuronReader> readers,
      int facts,
      SeriesTable table) {
    this.files = files;
    this.directory = files.device().toFile();
    this.identity = identity;
    this.tier = tier;
    this.round = round;
    this.readers = List.copyOf(readers);
    this.facts = facts;
    this.readings = new Readings(table);
    this.witness = files.open(WITNESS, Cadence.SLOW);
  }

  static NeuronDevice open(
      Path directory,
      NeuronIdentity identity,
      String driverVersion,
      IntFunction<LogicalCores> logicalCores,
      Metric.Tier tier,
      CallWatch watch) {
    SysfsRound round = new SysfsRound(watch);
    NeuronFiles files = new NeuronFiles(directory);
    try {
      NeuronSeries series = new NeuronSeries(files, identity, tier, round);
      int facts = series.declareFacts(driverVersion, logicalCores);
      List<NeuronReader> readers = series.readers();
      return new NeuronDevice(files, identity, tier, round, readers, facts, series.table());
    } catch (RuntimeException | Error failure) {
      files.close();
      throw failure;
    }
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
    if (round.idle()) {
      witness.read(round);
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

  /** What it has from now on until it is found again: nothing, which its memory in use tells. */
  public void lose(long nowNanos) {
    readings.at(nowNanos);
    readings.allUnavailable(Fault.DEVICE_LOST);
    for (int i = 0; i < readings.table().size(); i++) {
      if (readings.table().series(i).metric() == Metric.ACCELERATOR_MEMORY_USED_BYTES) {
        readings.unavailable(i, Fault.DEVICE_LOST);
      }
    }
  }

  /**
   * Whether it has files now that it had not when it was opened, and that would be read: its tree
   * was being built. Between two rounds, and seldom: it looks at some hundreds of names.
   */
  public boolean grown() {
    NeuronFiles now = new NeuronFiles(directory.toPath());
    try {
      new NeuronSeries(now, identity, tier, round).readers();
      return !files.opened().containsAll(now.opened());
    } finally {
      now.close();
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
    return directory.isDirectory() && identity.mayBe(now);
  }

  @Override
  public void close() {
    readers.forEach(NeuronReader::close);
    witness.close();
  }
}
