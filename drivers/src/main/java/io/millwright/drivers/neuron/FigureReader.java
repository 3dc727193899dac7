package io.millwright.drivers.neuron;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.List;

/**
 * Numbers that are shown as they stand in their files, or summed. A counter that went backwards,
 * because somebody wrote to it or the driver was reloaded, is shown as it is.
 */
final class FigureReader implements NeuronReader {
  private final Cadence cadence;
  private final NeuronFiles files;
  private final SeriesTable.Builder table;
  private final List<Figure> figures = new ArrayList<>();
  private final List<Sum> sums = new ArrayList<>();

  FigureReader(Cadence cadence, NeuronFiles files, SeriesTable.Builder table) {
    this.cadence = cadence;
    this.files = files;
    this.table = table;
  }

  @Override
  public Cadence cadence() {
    return cadence;
  }

  /** A series of one file, where the driver has it. */
  void add(Series series, String file) {
    addSum(series, List.of(file));
  }

  /** A series that is the sum of those of these files that the driver has, if it has any. */
  void addSum(Series series, List<String> names) {
    List<Figure> parts = new ArrayList<>();
    for (String name : names) {
      if (files.has(name)) {
        parts.add(figure(name));
      }
    }
    if (!parts.isEmpty()) {
      sums.add(new Sum(table.add(cadence, series), parts));
    }
  }

  private Figure figure(String name) {
    Figure figure = new Figure(files.open(name, cadence));
    figures.add(figure);
    return figure;
  }

  @Override
  public void read(SysfsRound round, Readings readings, long nowNanos) {
    for (int i = 0; i < figures.size(); i++) {
      figures.get(i).read(round);
    }
    for (int i = 0; i < sums.size(); i++) {
      sums.get(i).write(readings);
    }
  }

  @Override
  public void close() {
    figures.forEach(Figure::close);
  }
}
