// Preload of the unit tests: lets every thread of a test process read TypeScript, which `--import tsx` does for the first one only.
import { register } from "tsx/esm/api";

register();
