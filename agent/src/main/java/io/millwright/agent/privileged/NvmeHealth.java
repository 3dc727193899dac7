package io.millwright.agent.privileged;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Disk;
import io.millwright.agent.launcher.verb.Answer.DiskHealth;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/** Warnings, wear, spare capacity and errors of each NVMe controller, from its SMART log. */
final class NvmeHealth implements Question {
  private static final double PERCENT = 100;
  private static final double ZERO_CELSIUS = 273.15;

  private final String node;
  private final Path controllers;

  NvmeHealth(String node, Path root) {
    this.node = node;
    this.controllers = root.resolve("sys/class/nvme");
  }

  @Override
  public Verb.Read verb() {
    return new Verb.ReadNvme();
  }

  @Override
  public boolean worthAsking() {
    return holds(controllers, "nvme*");
  }

  /** Whether a directory is there and has an entry of this form. */
  static boolean holds(Path directory, String glob) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, glob)) {
      return entries.iterator().hasNext();
    } catch (IOException | java.nio.file.DirectoryIteratorException absent) {
      return false;
    }
  }

  @Override
  public Optional<List<Row>> rows(Answer answer) {
    if (!(answer instanceof Answer.Disks(List<Disk> disks))) {
      return Optional.empty();
    }
    List<Row> rows = new ArrayList<>();
    for (Disk disk : disks) {
      add(disk, Metric.NODE_NVME_CRITICAL_WARNING, told -> of(told.warnings() == 0 ? 0 : 1), rows);
      add(
          disk,
          Metric.NODE_NVME_ENDURANCE_USED_RATIO,
          told -> of(told.usedPercent() / PERCENT),
          rows);
      add(disk, Metric.NODE_NVME_AVAILABLE_SPARE_RATIO, NvmeHealth::spare, rows);
      add(disk, Metric.NODE_NVME_MEDIA_ERRORS_TOTAL, NvmeHealth::errors, rows);
      temperature(disk).ifPresent(rows::add);
    }
    return Optional.of(rows);
  }

  private void add(
      Disk disk, Metric metric, Function<DiskHealth, OptionalDouble> value, List<Row> rows) {
    Reading reading =
        disk.health()
            .map(health -> reading(value.apply(health)))
            .orElseGet(() -> without(disk.fault()));
    rows.add(new Row(Series.of(metric, node, disk.device()), reading));
  }

  private static Reading without(Optional<Fault> fault) {
    return fault.<Reading>map(Reading.Unavailable::new).orElseGet(Reading.Unsupported::new);
  }

  private static Reading reading(OptionalDouble value) {
    return value.isPresent()
        ? new Reading.Measured(value.getAsDouble())
        : new Reading.Unsupported();
  }

  private static OptionalDouble of(double value) {
    return OptionalDouble.of(value);
  }

  private static OptionalDouble spare(DiskHealth told) {
    return told.sparePercent().isPresent()
        ? of(told.sparePercent().getAsInt() / PERCENT)
        : OptionalDouble.empty();
  }

  private static OptionalDouble errors(DiskHealth told) {
    return told.mediaErrors().isPresent()
        ? of((double) told.mediaErrors().getAsLong())
        : OptionalDouble.empty();
  }

  /** Where the kernel shows none by itself; called as the host's own source would call it. */
  private Optional<Row> temperature(Disk disk) {
    if (disk.health().isEmpty()
        || disk.health().get().kelvin().isEmpty()
        || shown(controllers.resolve(disk.device()))) {
      return Optional.empty();
    }
    return Optional.of(
        new Row(
            Series.of(Metric.NODE_TEMPERATURE_CELSIUS, node, "nvme@" + disk.device(), "Composite"),
            new Reading.Measured(disk.health().get().kelvin().getAsInt() - ZERO_CELSIUS)));
  }

  /** Kernels hang the sensors below the controller, or below its PCI device. */
  private static boolean shown(Path controller) {
    return holds(controller, "hwmon*") || holds(controller.resolve("device/hwmon"), "hwmon*");
  }
}
