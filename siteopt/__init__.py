"""Where should South Korea put gigawatts of AI data centres outside the Seoul capital region?"""
