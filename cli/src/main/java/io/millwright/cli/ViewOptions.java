package io.millwright.cli;

import picocli.CommandLine.Option;

/** How a verb shows what it saw. */
final class ViewOptions {
  private final Surroundings around;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      converter = Format.Converter.class,
      description = "table, wide, json, yaml or csv.")
  private Format format = Format.TABLE;

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      converter = Colour.Converter.class,
      description = "auto, always or never; auto honours NO_COLOR.")
  private Colour colour = Colour.AUTO;

  ViewOptions(Surroundings around) {
    this.around = around;
  }

  Screen screen() {
    return new Screen(around, format, colour.wanted(around));
  }
}
