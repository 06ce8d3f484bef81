// Preload of what runs from its sources: lets every thread of a process read TypeScript, which `--import tsx` does for the first one only.
import { register } from "tsx/esm/api";

register();
