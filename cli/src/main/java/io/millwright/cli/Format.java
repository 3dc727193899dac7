package io.millwright.cli;

import picocli.CommandLine.ITypeConverter;

/** How a verb shows what it saw. */
enum Format {
  TABLE,
  WIDE,
  JSON,
  YAML,
  CSV;

  /** Its word on the command line. */
  static final class Converter implements ITypeConverter<Format> {
    @Override
    public Format convert(String given) {
      return Words.read(given, Format.values());
    }
  }
}
