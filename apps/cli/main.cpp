#include "study.hpp"

int main(int argc, char** argv) { return hourglass::run_program(hourglass::program(), argc, argv); }
