// end
