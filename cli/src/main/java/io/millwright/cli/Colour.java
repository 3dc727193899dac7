package io.millwright.cli;

import picocli.CommandLine.ITypeConverter;

/** When a table has colour. */
enum Colour {
  /** On a terminal that can, unless {@code NO_COLOR} is set. */
  AUTO,
  ALWAYS,
  NEVER;

  boolean wanted(Surroundings around) {
    return switch (this) {
      case ALWAYS -> true;
      case NEVER -> false;
      case AUTO ->
          around.terminal()
              && around.variable("NO_COLOR").isEmpty()
              && around.variable("TERM").filter(term -> !term.equals("dumb")).isPresent();
    };
  }

  /** Its word on the command line. */
  static final class Converter implements ITypeConverter<Colour> {
    @Override
    public Colour convert(String given) {
      return Words.read(given, Colour.values());
    }
  }
}
